import Cards
package import Database

/// 报损 The chip or the body is broken: the card waits for its renewal.
package struct MarkDamaged: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.damage"

    private let card: [UInt8]
    private let reason: CaseReason

    /// Of the card with this reference.
    package init(card: [UInt8], reason: CaseReason) {
        self.card = card
        self.reason = reason
    }

    package func carryOut(
        in transaction: borrowing Transaction,
        _ room: ActRoom
    ) async throws -> Done<CardStanding> {
        try await CardMove.carryOut(.damage, of: card, reason, room, in: transaction)
    }
}
