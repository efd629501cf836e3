/// Names and values of a query or of a form body, `application/x-www-form-urlencoded`, read strictly.
///
/// `+` is a space, `%` is followed by two hexadecimal digits, the decoded text is UTF-8 without NUL. An empty text has
/// no pairs; an empty pair (`a=1&&b=2`) and an empty name are refused. A name without `=` has an empty value.
package struct URLEncodedPairs: Sendable, Hashable {
    /// One name with one value, decoded.
    package struct Pair: Sendable, Hashable {
        /// The decoded name, never empty.
        package let name: String
        /// The decoded value.
        package let value: String
    }

    /// Why a text is not a list of pairs.
    package enum Fault: Error, Hashable, Sendable {
        case escape(offset: Int)
        case character(offset: Int)
        case text(offset: Int)
        case emptyName(offset: Int)
        case duplicate(name: String)
        case tooMany(limit: Int)
        case mediaType
    }

    /// The pairs in order, duplicates visible.
    package let pairs: [Pair]

    private static let pairLimit = 1_000

    /// Reads a text and keeps duplicates.
    package init(_ text: some Collection<UInt8>) throws(Fault) {
        var pairs: [Pair] = []
        let octets = Array(text)
        var start = 0
        while start < octets.count {
            let end = octets[start...].firstIndex(of: UInt8(ascii: "&")) ?? octets.count
            let equals = octets[start..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
            guard equals > start else { throw .emptyName(offset: start) }
            guard pairs.count < Self.pairLimit else { throw .tooMany(limit: Self.pairLimit) }
            let name = try Self.decoded(octets[start..<equals])
            let value = try Self.decoded(octets[min(equals + 1, end)..<end])
            pairs.append(Pair(name: name, value: value))
            start = end + 1
            if start == octets.count, end < octets.count { throw .emptyName(offset: start) }
        }
        self.pairs = pairs
    }

    /// Reads a text and refuses a name that comes twice, those named `repeatable` apart.
    package init(_ text: some Collection<UInt8>, repeatable: Set<String>) throws(Fault) {
        try self.init(text)
        var seen: Set<String> = []
        for pair in pairs where !seen.insert(pair.name).inserted && !repeatable.contains(pair.name) {
            throw .duplicate(name: pair.name)
        }
    }

    /// The value of a name that may come once; nil when it is absent. Throws `duplicate` when it comes twice.
    package func value(_ name: String) throws(Fault) -> String? {
        let found = values(name)
        guard found.count <= 1 else { throw .duplicate(name: name) }
        return found.first
    }

    /// All values of a name in order.
    package func values(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    private static func decoded(_ octets: ArraySlice<UInt8>) throws(Fault) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(octets.count)
        var index = octets.startIndex
        while index < octets.endIndex {
            switch octets[index] {
            case UInt8(ascii: "+"): out.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let octet = PercentEncoding.octet(octets, at: index) else { throw .escape(offset: index) }
                guard octet != 0 else { throw .character(offset: index) }
                out.append(octet)
                index += 2
            case 0x21...0x7E: out.append(octets[index])
            default: throw .character(offset: index)
            }
            index += 1
        }
        guard let text = String(validating: out, as: UTF8.self) else { throw .text(offset: octets.startIndex) }
        return text
    }
}
