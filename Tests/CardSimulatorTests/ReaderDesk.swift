import Foundation

/// 试验台 A private pcscd with one card in its first reader, for tests on the real stack.
final class ReaderDesk {
    /// A program that ended otherwise than it should.
    struct Failure: Error {
        let words: [String]
        let status: Int32
        let output: String
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let script = root.appendingPathComponent("Deploy/local/pcscd.sh").path
    private static let tools = [
        "pcscd", "opensc-tool", "pkcs15-tool", "pkcs11-tool", "yubico-piv-tool", "scriptor", "openssl",
    ]

    /// Nil when every package is there and namespaces are allowed; else what is missing.
    static let obstacle: String? = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for tool in tools {
            let isThere = path.split(separator: ":").contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
            }
            guard isThere else { return "\(tool) is not installed" }
        }
        guard simulator != nil else { return "card-simulator is not built" }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try run([script, "start", folder.path, "1"])
            try run([script, "stop", folder.path])
            return nil
        } catch {
            return "\(error)"
        }
    }()

    static let simulator: String? = {
        let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let candidates = [beside, root.appendingPathComponent(".build/debug")].map {
            $0.appendingPathComponent("card-simulator").path
        }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    let folder: URL
    let enter: [String]
    private let card: Process

    /// Starts the readers and inserts a blank.
    init(profile: String = "blank") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("desk-\(UUID().uuidString)")
        try Self.run([Self.script, "start", folder.path, "2"])
        let description = try Data(contentsOf: folder.appendingPathComponent("pcscd.json"))
        let root = try JSONSerialization.jsonObject(with: description) as? [String: Any]
        enter = root?["enter"] as? [String] ?? []
        let ports = root?["ports"] as? [Int] ?? []
        card = Process()
        card.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        card.arguments =
            enter + [Self.simulator ?? "", "--port", "\(ports.first ?? 0)", "--profile", profile]
            + ["--state", "card.json", "--control", "control", "--return-after", "0"]
        let output = Pipe()
        card.standardOutput = output
        try card.run()
        // The program says a line once the card is in.
        _ = output.fileHandleForReading.availableData
        try waitForCard()
    }

    deinit {
        card.terminate()
        _ = try? Self.run([Self.script, "stop", folder.path])
        try? FileManager.default.removeItem(at: folder)
    }

    /// Runs a program beside the readers, in the desk's folder; its output with errors.
    @discardableResult
    func inside(_ words: String...) throws -> String { try Self.run(enter + words) }

    /// One command by pcsc-tools, which adds none of its own; what the reader said.
    func transmit(_ command: String) throws -> String {
        let spaced = stride(from: 0, to: command.count, by: 2).map { command.dropFirst($0).prefix(2) }
        let line = "echo '\(spaced.joined(separator: " "))' | scriptor -r 'Desk 0 00 00'"
        return try inside("bash", "-c", line)
    }

    /// One line to the card's control socket, one line back.
    func control(_ line: String) throws -> String {
        let program = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.send((sys.argv[2] + "\\n").encode())
            print(s.makefile().readline().strip())
            """
        let socket = folder.appendingPathComponent("control").path
        return try Self.run(["python3", "-c", program, socket, line]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Asks until pcscd has seen the card: it polls about every 0.4 s.
    func waitForCard() throws {
        for _ in 0..<100 where !(try inside("opensc-tool", "-l").contains("Yes")) { continue }
    }

    /// Whether the script says that pcscd runs.
    var isRunning: Bool { (try? Self.run([Self.script, "status", folder.path])) != nil }

    /// Stops pcscd as `make down` would.
    func stop() throws { try Self.run([Self.script, "stop", folder.path]) }

    /// Runs a program to its end; its output with errors, or `Failure`.
    @discardableResult
    static func run(_ words: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        // waitUntilExit turns a run loop and costs half a second a program.
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        ended.wait()
        guard process.terminationStatus == 0 else {
            throw Failure(words: words, status: process.terminationStatus, output: output)
        }
        return output
    }
}
