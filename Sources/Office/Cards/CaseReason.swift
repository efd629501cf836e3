/// 办理事由 Why something is done to a card: the order, the document or the words of who asked. Kept with the card's
/// history and in the log.
package struct CaseReason: Hashable, Sendable {
    /// What was given.
    package let text: String

    /// One to two hundred characters, not blanks alone, no controls; throws `.invalid(field: "reason", …)`.
    package init(_ text: String) throws(Refusal) {
        self.text = try LookReason(text).text
    }
}
