import Cards
package import Database

/// 注销 The holder gives the card up, has died or has moved away.
package struct CancelCard: Act {
    package static let name = "card.cancel"

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
        try await CardMove.carryOut(.cancel, of: card, reason, room, in: transaction)
    }
}
