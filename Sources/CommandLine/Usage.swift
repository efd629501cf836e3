/// 用法 What a program or a command takes: options and positional arguments; the source of its help text.
package struct Usage: Hashable, Sendable {
    /// `card-simulator`, or `citizen verify`.
    package let command: String
    /// One sentence under the synopsis.
    package let purpose: Text
    /// The options in the order of the help text, `--help` last.
    package let options: [Option]
    /// The words of the positional arguments, in their order; all are demanded.
    package let arguments: [String]
    /// Whether more arguments than those named may follow.
    package let takesMore: Bool
    /// Paragraphs under the options.
    package let notes: [Text]

    /// What a program takes; `--help` is added.
    package init(
        _ command: String,
        _ purpose: Text,
        options: [Option] = [],
        arguments: [String] = [],
        takesMore: Bool = false,
        notes: [Text] = []
    ) {
        self.command = command
        self.purpose = purpose
        self.options =
            options + [
                Option("help", .flag, Text(zh: "显示本说明", en: "show this text"))
            ]
        self.arguments = arguments
        self.takesMore = takesMore
        self.notes = notes
    }

    /// The answer to `--help`.
    package func help(in language: Language) -> String {
        let head = Text(zh: "用法", en: "usage").said(in: language)
        let words = arguments.joined(separator: " ") + (takesMore ? " ..." : "")
        let optional = Text(zh: "[选项]", en: "[options]").said(in: language)
        var lines = ["\(head): " + [command, optional, words].filter { !$0.isEmpty }.joined(separator: " ")]
        lines += ["", purpose.said(in: language), ""]
        let width = options.map(\.synopsis.count).max() ?? 0
        for option in options {
            let gap = String(repeating: " ", count: width - option.synopsis.count + 2)
            lines.append("  " + option.synopsis + gap + option.meaning.said(in: language))
        }
        for note in notes { lines += ["", note.said(in: language)] }
        return lines.joined(separator: "\n")
    }
}
