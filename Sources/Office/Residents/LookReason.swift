/// 查阅事由 Why a member of staff looks at a person: asked for at each look, kept in the log.
package struct LookReason: Hashable, Sendable {
    package let text: String

    /// One to two hundred characters, not blanks alone, no controls; throws `.invalid(field: "reason", …)`.
    package init(_ text: String) throws(Refusal) {
        guard text.contains(where: { !$0.isWhitespace }) else { throw .invalid(field: "reason", .missing) }
        guard text.count <= 200, text.utf8.count <= 800 else { throw .invalid(field: "reason", .length) }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .invalid(field: "reason", .characters)
        }
        self.text = text
    }
}
