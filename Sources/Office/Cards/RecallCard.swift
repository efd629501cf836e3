import Cards
package import Database

/// 召回 A finished card that nobody has collected, or that an order calls back: it will never be active.
package struct RecallCard: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.recall"

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
        let row = try await CardMove.card(card, in: transaction)
        let next = try await CardMove.move(row, .recall, reason: reason.text, room, in: transaction)
        // What waited for the holder, the transport PIN with it, has no use any more.
        try await transaction.execute(
            """
            UPDATE perso_job SET state = 'CANCELLED', secret_enc = NULL, fault = 'recalled', updated_at = \(room.now)
            WHERE card_id = \(row.id) AND state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN', 'READY')
            """
        )
        return CardMove.done(row, next, reason)
    }
}
