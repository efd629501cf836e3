import Cards
package import Database

/// 销毁 Two persons destroy a chip that was handed in or set aside: a quarantined, replaced, cancelled or damaged card.
package struct DestroyCard: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.destroy"

    private let card: [UInt8]
    private let second: SecondPerson
    private let reason: CaseReason

    /// Of the card with this reference; `reason` names the protocol of the destruction.
    package init(card: [UInt8], second: SecondPerson, reason: CaseReason) {
        self.card = card
        self.second = second
        self.reason = reason
    }

    package func carryOut(
        in transaction: borrowing Transaction,
        _ room: ActRoom
    ) async throws -> Done<CardStanding> {
        try second.check(room)
        let row = try await CardMove.card(card, in: transaction)
        let next = try await CardMove.move(row, .destroy, reason: reason.text, room, in: transaction)
        try await transaction.execute(
            """
            UPDATE perso_job SET state = CASE WHEN state = 'QUARANTINE' THEN 'CANCELLED' ELSE state END,
                secret_enc = NULL, updated_at = \(room.now)
            WHERE card_id = \(row.id)
            """
        )
        return CardMove.done(row, next, reason, detail: [second.member])
    }
}
