/// 选项 One option that a program declares: `--name`, or `--name VALUE`.
package struct Option: Hashable, Sendable {
    /// What follows the name.
    package enum Form: Hashable, Sendable {
        /// Nothing: the option is there or not.
        case flag
        /// One value; the word stands for it in the help text.
        case value(String)
        /// One value each time the option is given.
        case values(String)
    }

    /// Without the two dashes.
    package let name: String
    /// Flag or value.
    package let form: Form
    /// The line in the help text.
    package let meaning: Text

    /// An option of a program.
    package init(_ name: String, _ form: Form, _ meaning: Text) {
        self.name = name
        self.form = form
        self.meaning = meaning
    }

    /// `--name VALUE`.
    package var synopsis: String {
        switch form {
        case .flag: "--\(name)"
        case .value(let word), .values(let word): "--\(name) \(word)"
        }
    }
}
