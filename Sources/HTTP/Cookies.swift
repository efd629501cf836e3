/// The cookies of a request (RFC 6265, 5.4).
///
/// A browser also sends cookies of other programs on the same host, so a pair we cannot read is passed over; a name
/// that is asked for and came twice is refused, because one of the two was planted.
package struct Cookies: Sendable, Hashable {
    /// Why a cookie is not to be believed.
    package enum Fault: Error, Hashable, Sendable {
        case duplicate(name: String)
    }

    private struct Pair: Hashable {
        let name: String
        let value: String
    }

    private let pairs: [Pair]

    /// The cookies of the `cookie` fields.
    package init(_ fields: HeaderFields) {
        var pairs: [Pair] = []
        for text in fields.values("cookie").flatMap({ $0.split(separator: ";") }) {
            let trimmed = text.drop { $0 == " " || $0 == "\t" }
            guard let equals = trimmed.firstIndex(of: "="), equals > trimmed.startIndex else { continue }
            let value = trimmed[trimmed.index(after: equals)...]
            guard value.utf8.allSatisfy(SetCookie.isCookieOctet) else { continue }
            pairs.append(Pair(name: String(trimmed[..<equals]), value: String(value)))
        }
        self.pairs = pairs
    }

    /// The value of a cookie; nil when it is absent. Names differ by case. Throws `duplicate` when it came twice.
    package func value(_ name: String) throws(Fault) -> String? {
        let found = pairs.filter { $0.name == name }
        guard found.count <= 1 else { throw .duplicate(name: name) }
        return found.first?.value
    }
}
