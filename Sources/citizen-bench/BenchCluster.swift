import Foundation

/// A PostgreSQL cluster of the benchmark's own, with fsync on, made by `Deploy/local/postgres.sh`.
struct BenchCluster: Sendable {
    /// A program did not do what was asked.
    struct Fault: Error, CustomStringConvertible { let description: String }

    let folder: String
    /// The connection string of its first database, as the owner role.
    let conninfo: String

    /// Where the sources lie: the script, `Policies/` and `Keys/` are read from there.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Makes and starts a cluster in a new folder.
    static func start() async throws -> BenchCluster {
        let folder = NSTemporaryDirectory() + "citizen-bench-" + UUID().uuidString.prefix(8).lowercased()
        return BenchCluster(folder: folder, conninfo: try await script(["start", folder]))
    }

    /// Stops it and removes its folder.
    func stop() async throws {
        try await Self.script(["stop", folder])
        try FileManager.default.removeItem(atPath: folder)
    }

    /// A new database; its connection string.
    func database(_ name: String, template: String? = nil) async throws -> String {
        try await Self.script(["database", folder, name] + (template.map { [$0] } ?? []))
    }

    /// Runs SQL with the plain client, as the owner.
    func psql(_ conninfo: String, _ commands: [String]) async throws {
        try await Self.run("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", conninfo] + commands.flatMap { ["-c", $0] })
    }

    @discardableResult
    private static func script(_ arguments: [String]) async throws -> String {
        try await run("bash", [root.appendingPathComponent("Deploy/local/postgres.sh").path] + arguments)
    }

    /// Runs a program to its end; the last line it printed.
    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        // A file, not a pipe: the server that the script leaves running would keep a pipe open.
        let output = NSTemporaryDirectory() + UUID().uuidString
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let handle = FileHandle(forUpdatingAtPath: output)
        else { throw Fault(description: "no temporary file") }
        defer { try? FileManager.default.removeItem(atPath: output) }
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        let code: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { @Sendable in continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        guard code == 0 else { throw Fault(description: "\(program) ended with \(code): \(text.suffix(500))") }
        return text.split(separator: "\n").last.map(String.init) ?? ""
    }
}
