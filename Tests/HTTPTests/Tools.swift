import Foundation
import Glibc
import Octets

/// Programs that the tests call. A test whose program is missing is shown as skipped, with the program's name.
enum Tools {
    /// What a program said and how it ended.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// A tool failed where the test needs it.
    struct Fault: Error {
        let what: String
    }

    /// The path of a program; nil when it is not installed.
    static func path(_ name: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"].map { $0 + name }.first(
            where: FileManager.default.isExecutableFile
        )
    }

    /// Which of some programs are not installed.
    static func missing(_ names: String...) -> [String] { names.filter { path($0) == nil } }

    /// Runs a program to its end, on a thread of its own.
    static func run(_ name: String, _ arguments: [String]) async throws -> Outcome {
        try await onThread {
            // Files, not pipes: a program left in the background would hold a pipe open.
            let folder = try Fixture.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let flags = O_CREAT | O_WRONLY | O_CLOEXEC
            let descriptors = unsafe [
                open("/dev/null", O_RDONLY | O_CLOEXEC), open(folder + "/out", flags, 0o600),
                open(folder + "/err", flags, 0o600),
            ]
            defer { for descriptor in descriptors { close(descriptor) } }
            let process = try Spawned(
                path(name) ?? name,
                arguments,
                input: descriptors[0],
                output: descriptors[1],
                errors: descriptors[2]
            )
            let status = process.wait()
            return Outcome(
                status: status,
                output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/out")), as: UTF8.self),
                errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/err")), as: UTF8.self)
            )
        }
    }

    /// Runs a program and demands that it ends well.
    static func demand(_ name: String, _ arguments: [String]) async throws -> String {
        let outcome = try await run(name, arguments)
        guard outcome.status == 0 else { throw Fault(what: "\(name) \(arguments): \(outcome.output)\(outcome.errors)") }
        return outcome.output
    }
}

/// Whether a claim becomes true within a few seconds; looked at again every few milliseconds.
func eventually(within limit: Duration = .seconds(8), _ claim: @Sendable () async throws -> Bool) async rethrows -> Bool
{
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await claim() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await claim()
}
