package import CommandLine
import Glibc

/// 终端 Where a command writes, in which language, and with what it was started.
package struct Console: Sendable {
    /// What stands at the other end.
    package enum Kind: Hashable, Sendable { case terminal, file }

    package let language: Language
    package let kind: Kind
    /// The variables that the command was started with.
    package let environment: [String: String]
    /// The folder that the command was started in.
    package let folder: String
    /// Results; the text brings its own line breaks.
    package let out: @Sendable (String) -> Void
    /// Messages and progress.
    package let err: @Sendable (String) -> Void

    package init(
        language: Language,
        kind: Kind,
        environment: [String: String] = [:],
        folder: String = "",
        out: @escaping @Sendable (String) -> Void,
        err: @escaping @Sendable (String) -> Void
    ) {
        self.language = language
        self.kind = kind
        self.environment = environment
        self.folder = folder
        self.out = out
        self.err = err
    }

    /// The process's own standard output and error.
    package init(environment: [String: String], folder: String) {
        self.init(
            language: Language(environment: environment),
            kind: isatty(STDOUT_FILENO) == 1 ? .terminal : .file,
            environment: environment,
            folder: folder,
            out: { Self.write($0, to: STDOUT_FILENO) },
            err: { Self.write($0, to: STDERR_FILENO) }
        )
    }

    /// A line of results.
    func say(_ text: String) { out(text + "\n") }

    /// A line of results.
    func say(_ text: Text) { out(text.said(in: language) + "\n") }

    /// A line of complaint.
    func complain(_ text: Text) { err(text.said(in: language) + "\n") }

    /// Help, or what was wrong with the call, with the code that ends the program.
    func wrongUse(_ fault: UsageFault, _ usage: Usage) -> Int32 {
        complain(fault.text)
        err(usage.help(in: language) + "\n")
        return ExitCode.usage.rawValue
    }

    /// The parsed options of a command; a call for help is answered here and ends the command.
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
