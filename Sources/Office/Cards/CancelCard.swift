import Cards
package import Database
import Encodings

/// 注销 The holder gives the card up, has died or has moved away.
package struct CancelCard: Act {
    /// In policies and, unless it says otherwise, in evidence.
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
        let row = try await CardMove.card(card, in: transaction)
        let open = try await transaction.maybe(
            "SELECT 1 AS found FROM purse_load WHERE card_id = \(row.id) AND state IN ('RESERVED', 'SENT', 'REVIEW')"
        )
        guard open == nil else { throw Refusal.conflict(.loadOpen) }
        let balance = try await PurseAccount.find(row.id, in: transaction)?.balanceFen ?? 0
        // 待退资 What is left in the purse waits for its hold period (CC-1, 5.3).
        let event = balance > 0 ? CardEvent.cancelWithBalance : .cancel
        let next = try await CardMove.move(row, event, reason: reason.text, room, in: transaction)
        return CardMove.done(row, next, reason, detail: [.init("balanceFen", .integer(balance))])
    }
}
