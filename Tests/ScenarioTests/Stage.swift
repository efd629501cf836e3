import Foundation
import Testing

/// 现场 A home in a folder of its own with the built programs, for one session; nothing of it is left afterwards.
final class Stage: Sendable {
    /// What a session did that it should not have.
    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    let home: String
    let root: String
    let programs: String
    private let environment: [String: String]

    /// Sessions and the programs are found beside this file and beside the test bundle.
    init(custody: String = "file") throws {
        root = Self.root
        programs = Self.programs
        // Short, because a socket's path is; open to the users that PostgreSQL and nginx run as.
        home = "/tmp/czs-" + UUID().uuidString.lowercased().prefix(8)
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
        var environment = ProcessInfo.processInfo.environment
        for name in environment.keys where name.hasPrefix("CITIZEN_") { environment[name] = nil }
        environment.merge([
            "CITIZEN_HOME": home, "CITIZEN_BIN": programs, "CITIZEN_ROOT": root, "CITIZEN_CUSTODY": custody,
        ]) { _, own in own }
        self.environment = environment
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The folder of the running test bundle, where the programs are built too.
    private static let programs: String = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let beside = bundle.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        return beside ?? "\(root)/.build/debug"
    }()

    /// What a session with virtual readers needs and this machine lacks; empty when all is there.
    static let missing: [String] = {
        var missing = ["pcscd", "nginx", "pkcs11-tool", "opensc-tool", "pg_config", "nsenter", "setsid"].filter {
            name in
            !["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"].contains {
                FileManager.default.isExecutableFile(atPath: $0 + name)
            }
        }
        if shell("find /usr/lib /usr/local/lib -name 'libifdvpcd.so*' | grep -q .") != 0 {
            missing.append("vpcd")
        }
        let words = getuid() == 0 ? "-n -m" : "-r -n -m"
        if shell("unshare \(words) true") != 0 { missing.append("private namespaces") }
        return missing
    }()

    /// Whether a small disk can be mounted here.
    static let mayMount = getuid() == 0 && shell("unshare -m mount -t tmpfs -o size=1m tmpfs /mnt") == 0

    /// Whether the software token is installed.
    static let hasToken = shell("find /usr/lib /usr/local/lib -name libsofthsm2.so | grep -q .") == 0

    private static func shell(_ command: String) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Plays `Tests/Scenarios/<name>.session`; throws the first difference with all that the command said.
    func play(_ name: String, seconds: Int = 300) async throws {
        let text = try String(contentsOfFile: "\(root)/Tests/Scenarios/\(name).session", encoding: .utf8)
        let session = Session(text)
        #expect(!session.steps.isEmpty)
        let mark = "=-=-=-=\(UUID().uuidString)"
        let lines = session.steps.map { "\($0.command)\nprintf '\\n\(mark) %d\\n' $?" }
        let said = try await bash(lines.joined(separator: "\n"), seconds: seconds)
        var outputs = said.components(separatedBy: "\n\(mark) ")
        var output = outputs.removeFirst()
        for step in session.steps {
            guard let next = outputs.first else {
                throw Difference(description: "\(name).session:\(step.line): not ended within \(seconds) s: \(output)")
            }
            outputs.removeFirst()
            let code = Int(next.prefix { $0 != "\n" }) ?? -1
            let found = output.components(separatedBy: "\n").filter { !$0.isEmpty }
            guard code == step.exit, Session.fits(found[...], step.expected[...]) else {
                throw Difference(
                    description: """
                        \(name).session:\(step.line): $ \(step.command)
                        expected [exit \(step.exit)]: \(step.expected.joined(separator: "\n"))
                        found [exit \(code)]: \(found.joined(separator: "\n"))
                        """
                )
            }
            output = String(next.drop { $0 != "\n" })
        }
    }

    /// Runs lines in one shell with the words of `session.bash`; all that it said.
    @discardableResult
    func bash(_ script: String, seconds: Int = 300) async throws -> String {
        let file = "\(home).script"
        try "source '\(root)/Tests/Scenarios/session.bash'\nexec 2>&1\n\(script)\n".write(
            toFile: file,
            atomically: true,
            encoding: .utf8
        )
        let output = "\(home).said"
        try Data().write(to: URL(fileURLWithPath: output))
        let process = Process()
        // The end of a process is noticed by a socket that it holds: what a session leaves running must not hold it too.
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c",
            """
            ( for file in /proc/self/fd/*; do
                file=${file##*/}
                ((file <= 2 || file == 255)) || eval "exec $file>&-" 2>/dev/null || true
            done
            exec timeout --kill-after=5 "$0" /bin/bash "$1" )
            """, "\(seconds)", file,
        ]
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let handle = FileHandle(forWritingAtPath: output)
        process.standardOutput = handle
        process.standardError = handle
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
    }

    /// Stops what runs, removes the home, and gives the processes that outlived it.
    func leave() async throws -> [String] {
        try await bash("leave\nmountpoint -q \"$CITIZEN_HOME/pg\" && umount \"$CITIZEN_HOME/pg\"\ntrue")
        // A virtual card notices within a few seconds that its reader is gone.
        var left = Self.processes(of: home)
        let limit = ContinuousClock.now + .seconds(10)
        while !left.isEmpty, ContinuousClock.now < limit {
            try await Task.sleep(for: .milliseconds(100))
            left = Self.processes(of: home)
        }
        for end in ["", ".work", ".script", ".said"] { try? FileManager.default.removeItem(atPath: home + end) }
        return left
    }

    /// The command lines of running processes that belong to a home.
    static func processes(of home: String) -> [String] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return numbers.compactMap { number in
            guard number != getpid(), let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") else {
                return nil
            }
            let text = String(decoding: line, as: UTF8.self)
            return text.contains(home) ? text.replacingOccurrences(of: "\0", with: " ") : nil
        }
    }
}
