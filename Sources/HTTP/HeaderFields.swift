/// One header field: name in lower case, value as sent.
package struct HeaderField: Sendable, Hashable {
    /// The field name in lower case.
    package let name: String
    /// The field value without surrounding white space.
    package let value: String

    /// A field; the name is turned to lower case.
    package init(_ name: String, _ value: String) {
        self.name = name.lowercased()
        self.value = value
    }
}

/// The header fields of a message in the order they came, duplicates kept.
package struct HeaderFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// All fields in order.
    package private(set) var all: [HeaderField]

    /// Fields in order.
    package init(_ fields: [HeaderField] = []) { all = fields }

    /// Fields from a literal, for tests and answers.
    package init(dictionaryLiteral elements: (String, String)...) { all = elements.map { HeaderField($0.0, $0.1) } }

    /// The first value of a field; the name in lower case.
    package subscript(name: String) -> String? { all.first { $0.name == name }?.value }

    /// Every value of a field; the name in lower case.
    package func values(_ name: String) -> [String] { all.lazy.filter { $0.name == name }.map(\.value) }

    /// Adds a field and keeps those of the same name.
    package mutating func append(_ name: String, _ value: String) { all.append(HeaderField(name, value)) }

    /// Sets a field in place of all of the same name.
    package mutating func set(_ name: String, _ value: String) {
        let field = HeaderField(name, value)
        all.removeAll { $0.name == field.name }
        all.append(field)
    }

    /// The fields whose name satisfies a claim.
    func filter(_ isKept: (String) -> Bool) -> HeaderFields { HeaderFields(all.filter { isKept($0.name) }) }
}
