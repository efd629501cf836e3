import Cards
package import Database

/// 冻结 By an order with its ground, the card is out of service until the same authority lifts it.
package struct SuspendCard: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.suspend"

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
        try await CardMove.carryOut(.suspend, of: card, reason, room, in: transaction)
    }
}
