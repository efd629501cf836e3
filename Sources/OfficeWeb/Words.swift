/// 双语 What a page says: Chinese first, English beside it.
package struct Words: Hashable, Sendable {
    /// What stands first.
    package let chinese: String
    /// What stands beside it; empty where there is nothing to translate.
    package let english: String

    /// Words in both languages.
    package init(_ chinese: String, _ english: String) {
        self.chinese = chinese
        self.english = english
    }

    /// Both, the English marked as such for screen readers and style.
    var html: HTML {
        guard chinese != english, !english.isEmpty else { return "\(chinese)" }
        return "\(chinese) <span class=\"en\" lang=\"en\">\(english)</span>"
    }

    /// Both in one line of plain text, for titles and options.
    var line: String { english.isEmpty || chinese == english ? chinese : "\(chinese) \(english)" }
}
