package import CommandLine

/// 终端 Where a command writes, and in which language.
package struct Console: Sendable {
    /// What stands at the other end.
    package enum Kind: Hashable, Sendable { case terminal, file }

    package let language: Language
    package let kind: Kind
    /// Results; the text brings its own line breaks.
    package let out: @Sendable (String) -> Void
    /// Messages and progress.
    package let err: @Sendable (String) -> Void

    package init(
        language: Language,
        kind: Kind,
        out: @escaping @Sendable (String) -> Void,
        err: @escaping @Sendable (String) -> Void
    ) {
        self.language = language
        self.kind = kind
        self.out = out
        self.err = err
    }

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
}
