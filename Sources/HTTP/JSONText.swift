/// Writes the few JSON texts of this module: problem documents and log lines.
struct JSONText {
    private(set) var text = "{"

    /// Adds a member with a text value.
    mutating func add(_ name: String, _ value: String) { member(name, Self.quoted(value)) }

    /// Adds a member with a number.
    mutating func add(_ name: String, _ value: some BinaryInteger) { member(name, String(value)) }

    /// Adds a member whose value is JSON already.
    mutating func member(_ name: String, _ json: String) {
        if text.utf8.count > 1 { text += "," }
        text += Self.quoted(name) + ":" + json
    }

    /// The whole object.
    var closed: String { text + "}" }

    /// A JSON string (RFC 8259, 7).
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\u{0}"..<"\u{20}", "\u{7F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
