import CommandLine
import FoundationEssentials
import Glibc

/// Where a command speaks and what it was started with.
struct Console: Sendable {
    let environment: [String: String]
    let folder: String

    var language: Language { Language(environment: environment) }

    /// A line on standard output.
    func say(_ text: String) { Self.write(text + "\n", to: STDOUT_FILENO) }

    /// A line on standard output in the language of the place.
    func say(_ text: Text) { say(text.said(in: language)) }

    /// A line on standard error.
    func complain(_ text: Text) { Self.write(text.said(in: language) + "\n", to: STDERR_FILENO) }

    /// The parsed options of a command; help and usage faults are answered here and end the command.
    func options(_ arguments: [String], _ usage: Usage) throws -> Options {
        switch try Options.parse(arguments, usage) {
        case .call(let options): return options
        case .help:
            say(usage.help(in: language))
            throw CommandFault.helped
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var octets = Array(text.utf8)[...]
        while !octets.isEmpty {
            let count = unsafe octets.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            octets = octets.dropFirst(count)
        }
    }
}
