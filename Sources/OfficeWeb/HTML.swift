/// 页面文本 A piece of a page. What is interpolated is escaped; raw is only what the program's own literals say, and
/// other HTML.
package struct HTML: Hashable, Sendable {
    /// The markup, safe to put between tags and inside quoted attributes.
    package let text: String

    private init(raw: String) { text = raw }

    /// Nothing.
    package static var nothing: HTML { HTML(raw: "") }

    /// The pieces one after the other.
    package static func joined(_ pieces: some Sequence<HTML>) -> HTML { HTML(raw: pieces.map(\.text).joined()) }

    /// A text in which the five characters that mean something in markup are references.
    package static func escaped(_ text: String) -> String {
        var out = ""
        out.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension HTML: ExpressibleByStringInterpolation {
    /// A literal of the program's own.
    package init(stringLiteral value: String) { self.init(raw: value) }

    /// Literals with values between them.
    package init(stringInterpolation: Interpolation) { self.init(raw: stringInterpolation.out) }

    /// Collects the segments of a literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var out = ""

        /// Room for what is to come.
        package init(literalCapacity: Int, interpolationCount: Int) { out.reserveCapacity(literalCapacity * 2) }

        /// What the program itself says: markup.
        package mutating func appendLiteral(_ literal: String) { out += literal }

        /// A value from anywhere: escaped.
        package mutating func appendInterpolation(_ text: String) { out += HTML.escaped(text) }

        /// A number.
        package mutating func appendInterpolation(_ number: Int) { out += String(number) }

        /// Markup that was made the same way.
        package mutating func appendInterpolation(_ html: HTML) { out += html.text }

        /// Pieces one after the other.
        package mutating func appendInterpolation(_ pieces: [HTML]) { out += HTML.joined(pieces).text }

        /// Words in both languages, Chinese first.
        package mutating func appendInterpolation(_ words: Words) { out += words.html.text }
    }
}
