/// An SQL statement with its binds. Made only from a literal, so that text from outside cannot become SQL:
///
/// - `\(value)` is a bind `$n` with its type; an optional sends NULL; an array is one `$n` for `= ANY(\(ids))`;
/// - `\(ident: "column")` is a quoted identifier, from a literal alone;
/// - `\(fragment: query)` splices another query and renumbers its binds.
///
/// There is no initialiser from `String`.
package struct Query: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// A value to send: its type and its binary form, nil for NULL.
    struct Bind: Sendable {
        let oid: UInt32
        let octets: [UInt8]?
    }

    private(set) var parts: [String]
    private(set) var binds: [Bind]
    /// The first value that could not be encoded; thrown when the query is run.
    private(set) var fault: DatabaseFault?

    package init(stringLiteral text: StaticString) {
        parts = [text.description]
        binds = []
    }

    package init(stringInterpolation: StringInterpolation) {
        parts = stringInterpolation.parts
        binds = stringInterpolation.binds
        fault = stringInterpolation.fault
    }

    /// Several fragments with a literal between them, such as `", "` or `" AND "`.
    package static func joined(_ fragments: [Query], by separator: StaticString) -> Query {
        var whole = StringInterpolation(literalCapacity: 0, interpolationCount: fragments.count)
        for (index, fragment) in fragments.enumerated() {
            if index > 0 { whole.appendLiteral(separator) }
            whole.appendInterpolation(fragment: fragment)
        }
        return Query(stringInterpolation: whole)
    }

    /// The statement's text with numbered placeholders.
    var text: String {
        var text = parts[0]
        for index in 1..<max(parts.count, 1) { text += "$\(index)" + parts[index] }
        return text
    }

    /// The text and the size of each bind, never a value.
    package var description: String {
        let sizes = binds.enumerated().map { number, bind in
            bind.octets.map { "$\(number + 1)=<bytes \($0.count)>" } ?? "$\(number + 1)=<null>"
        }
        return ([text] + sizes).joined(separator: " ")
    }

    /// Collects text pieces and binds; the number of pieces is always one more than that of binds.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts = [""]
        fileprivate var binds: [Bind] = []
        fileprivate var fault: DatabaseFault?

        package init(literalCapacity: Int, interpolationCount: Int) { binds.reserveCapacity(interpolationCount) }

        package mutating func appendLiteral(_ literal: StaticString) { append(literal.description) }

        /// A bind; nil is NULL.
        package mutating func appendInterpolation<Value: SQLEncodable>(_ value: Value?) {
            var octets: [UInt8]?
            do throws(DatabaseFault) {
                if let value {
                    var encoded: [UInt8] = []
                    try value.encode(into: &encoded)
                    octets = encoded
                }
            } catch { fault = fault ?? error }
            binds.append(Bind(oid: Value.oid, octets: octets))
            parts.append("")
        }

        /// An identifier, quoted; dots part schema and table.
        package mutating func appendInterpolation(ident name: StaticString) { append(name.quotedIdentifier) }

        /// Another query, its binds renumbered.
        package mutating func appendInterpolation(fragment query: Query) {
            append(query.parts[0])
            parts += query.parts.dropFirst()
            binds += query.binds
            fault = fault ?? query.fault
        }

        private mutating func append(_ text: String) { parts[parts.count - 1] += text }
    }
}

extension StaticString {
    /// The name in double quotes, part by part.
    var quotedIdentifier: String {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        let quoted = parts.map { part in
            "\"" + part.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }
        return quoted.joined(separator: ".")
    }
}
