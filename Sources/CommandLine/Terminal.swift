import Glibc

/// 终端 Where a command speaks, asks and complains.
package struct Terminal: Sendable {
    package let environment: [String: String]

    package init(environment: [String: String]) { self.environment = environment }

    package var language: Language { Language(environment: environment) }

    /// Whether a person reads standard output.
    package var isWatched: Bool { isatty(STDOUT_FILENO) == 1 }

    /// A line on standard output.
    package func say(_ text: String) { Self.write(text + "\n", to: STDOUT_FILENO) }

    /// A line on standard output in the language of the place.
    package func say(_ text: Text) { say(text.said(in: language)) }

    /// A line on standard error.
    package func complain(_ text: Text) { Self.write(text.said(in: language) + "\n", to: STDERR_FILENO) }

    /// A secret from the environment, or typed without being shown; nil at the end of input.
    package func secret(_ variable: String, _ question: Text) -> String? {
        if let value = environment[variable], !value.isEmpty { return value }
        Self.write(question.said(in: language) + ": ", to: STDERR_FILENO)
        var shown = termios()
        let isTerminal = unsafe tcgetattr(STDIN_FILENO, &shown) == 0
        if isTerminal {
            var hidden = shown
            hidden.c_lflag &= ~tcflag_t(ECHO)
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        }
        let line = readLine(strippingNewline: true)
        if isTerminal {
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            Self.write("\n", to: STDERR_FILENO)
        }
        return line
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
