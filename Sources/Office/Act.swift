package import Database
package import Encodings

/// 事项 One act of the service: who may, what happens in one transaction, and the evidence it leaves.
///
/// The body touches the transaction and pure values only: it may run again after a serialisation failure.
package protocol Act: Sendable {
    associatedtype Answer: WireValue
    /// The name in policies and evidence: `card.order`.
    static var name: String { get }
    /// The name in evidence where it differs: what a desk relays is an act of the card.
    static var evidenceName: String { get }
    /// 查阅 False for a look at personal data: its answer is not stored, so that it cannot be repeated by key.
    static var keepsAnswer: Bool { get }
    /// Does the work; throws a `Refusal` or a `DatabaseFault`.
    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer>
}

extension Act {
    package static var evidenceName: String { name }
    package static var keepsAnswer: Bool { true }
}

/// What an act hands back to the door.
package struct Done<Answer: Sendable>: Sendable {
    package let answer: Answer
    package let entry: Entry

    package init(_ answer: Answer, _ entry: Entry) {
        self.answer = answer
        self.entry = entry
    }
}

/// An answer that can be stored with its idempotency key and given again.
package protocol WireValue: Sendable {
    var json: JSON { get }
    init?(json: JSON)
}

/// The answer of an act that has nothing to say.
package struct NoAnswer: WireValue {
    package init() {}
    package init?(json: JSON) {}
    package var json: JSON { [:] }
}

/// 存证条目 What an act says of itself in the log (no personal datum, no plain hash of one).
package struct Entry: Sendable {
    /// A pseudonymous reference, such as `c:4b1d…`.
    package let object: String
    package let from: String?
    package let to: String?
    /// Class and version of the key that was used, if one was.
    package let key: String?
    /// The resident whose erasing makes `detail` unreadable; nil for acts without a person.
    package let subject: Int64?
    /// Sealed beside the entry; the entry holds only its keyed commitment.
    package let detail: JSON?

    package init(
        object: String,
        from: String? = nil,
        to: String? = nil,
        key: String? = nil,
        subject: Int64? = nil,
        detail: JSON? = nil
    ) {
        self.object = object
        self.from = from
        self.to = to
        self.key = key
        self.subject = subject
        self.detail = detail
    }
}
