package import Database
package import Foundation
import Glibc

/// A throw-away PostgreSQL cluster below the temporary folder, started by Deploy/local/postgres.sh.
///
/// One is shared by all tests of the process. A watchdog of the script stops it and removes its folder when the process
/// is gone, also after kill -9.
package struct PrivateCluster: Sendable {
    /// The script did not do what was asked.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    /// A database of its own for one suite or one test.
    package struct Fresh: Sendable {
        /// Its name, for use as a template once nobody is connected to it.
        package let name: String
        /// Its connection string, as the owner role.
        package let conninfo: String
    }

    /// The cluster's folder.
    package let folder: URL
    /// The connection string of the database `citizen`, as the owner role.
    package let conninfo: String

    private static let shared = Task.detached { try await PrivateCluster.started() }

    /// The cluster of this process, started by the first caller.
    package static func running() async throws -> PrivateCluster { try await shared.value }

    /// A new empty database, or a copy of a template, in the shared cluster.
    package static func freshDatabase(template: String? = nil) async throws -> Fresh {
        let cluster = try await running()
        let name = "t" + UUID().uuidString.lowercased().filter { $0 != "-" }
        let arguments = ["database", cluster.folder.path, name] + (template.map { [$0] } ?? [])
        return Fresh(name: name, conninfo: try await script(arguments))
    }

    /// A new database, opened with the usual settings.
    package static func freshlyOpened(template: String? = nil) async throws -> Database {
        try await Database.open(DatabaseSettings(conninfo: try await freshDatabase(template: template).conninfo))
    }

    /// A further cluster, for tests that stop it or change its settings.
    package static func started(folder name: String? = nil) async throws -> PrivateCluster {
        let folder = temporaryFolder(name)
        let conninfo = try await script(["start", folder.path])
        try watch(folder)
        return PrivateCluster(folder: folder, conninfo: conninfo)
    }

    /// A folder name that nobody uses yet; short, because a socket's path is.
    package static func temporaryFolder(_ name: String? = nil) -> URL {
        let unique = name ?? "cz-" + UUID().uuidString.lowercased().prefix(8)
        return URL(fileURLWithPath: NSTemporaryDirectory(), isDirectory: true).appendingPathComponent(unique)
    }

    /// Runs the script to its end; the last line it printed. Throws with its error text.
    @discardableResult
    package static func script(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [path] + arguments
        process.environment = settings.merging(environment) { _, own in own }
        // A file, not a pipe: a server left running would keep a pipe open. It has no name once it is open.
        let output = temporaryFolder()
        try Data().write(to: output)
        let handle = try FileHandle(forUpdating: output)
        try FileManager.default.removeItem(at: output)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        let code: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try handle.seek(toOffset: 0)
        let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        guard code == 0 else { throw Fault(description: "postgres.sh \(arguments) ended with \(code): \(text)") }
        return text.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// Lets a watchdog end the cluster with this process. It has a session of its own, so Ctrl-C does not reach it.
    package static func watch(_ folder: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        process.arguments = ["/bin/bash", path, "watch", folder.path, "\(getpid())"]
        process.environment = settings
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    private static var settings: [String: String] {
        ProcessInfo.processInfo.environment.merging(["CITIZEN_PG_THROWAWAY": "1"]) { _, own in own }
    }

    private static var path: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Deploy/local/postgres.sh").path
    }
}
