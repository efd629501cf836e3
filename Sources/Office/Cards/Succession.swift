import Cards
import Database
import Encodings
import Octets

/// 补换接续 An old card and the one that takes its place: ordered with the old one's reference, and the old one goes
/// first when the new one is activated, in the same transaction. Lock order: resident, new card, old card.
enum Succession {
    /// Whether a card is on its way, or there already, that takes this one's place.
    static func isBegun(of card: Int64, in transaction: borrowing Transaction) async throws -> Bool {
        try await transaction.maybe(
            """
            SELECT 1 AS found FROM card o JOIN card n ON n.card_id = o.replaced_by
            WHERE o.card_id = \(card) AND n.state NOT IN (13, 14)
            """
        ) != nil
    }

    /// Orders the card that takes the place of `reference`; the event tells which states may be followed.
    static func order(
        after reference: [UInt8],
        by event: CardEvent,
        _ reason: CaseReason,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> Done<OrderCard.Answer> {
        let holder = try await transaction.maybe("SELECT resident_id FROM card WHERE reference = \(reference)")
        guard let holder else { throw Refusal.absent(.card) }
        try await OrderCard.requireResident(try holder.value("resident_id"), in: transaction)
        var card = try await CardMove.card(reference, in: transaction)
        if event == .replace, card.state == .lost {
            // A loss by voice becomes a reported one before anything takes its place.
            try await CardMove.move(card, .formalLoss, reason: reason.text, room, in: transaction)
            card = try await CardMove.card(reference, in: transaction)
        }
        guard CardLife.next(card.state, event) != nil else {
            throw Refusal.conflict(.cardState(card.state.words.english))
        }
        guard try await !isBegun(of: card.id, in: transaction) else { throw Refusal.conflict(.replacementBegun) }
        let ordered = try await OrderCard.order(card.kind, for: card.resident, room, in: transaction)
        try await transaction.execute("UPDATE card SET replaced_by = \(ordered.id) WHERE card_id = \(card.id)")
        let entry = Entry(
            object: CardMove.pseudonym(ordered.reference),
            from: "none",
            to: "ordered",
            subject: card.resident,
            detail: [
                "cardNumber": .string(ordered.number), "kind": .integer(Int64(card.kind.rawValue)),
                "after": .string(CardMove.pseudonym(reference)), "reason": .string(reason.text),
            ]
        )
        return Done(OrderCard.Answer(card: Hex.encode(ordered.reference)), entry)
    }

    /// Moves the predecessor of a card out of its way; gives its pseudonym when there was one.
    static func retire(
        before card: Int64,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> String? {
        let row = try await transaction.maybe("SELECT card_id FROM card WHERE replaced_by = \(card)")
        guard let row else { return nil }
        var old = try await CardMove.card(id: try row.value("card_id"), in: transaction)
        if old.state == .lost {
            try await CardMove.move(old, .formalLoss, reason: "successor activated", room, in: transaction)
            old = try await CardMove.card(id: old.id, in: transaction)
        }
        switch old.state {
        case .reported: try await CardMove.move(old, .replace, room, in: transaction)
        case .active, .damaged, .expired: try await CardMove.move(old, .renew, room, in: transaction)
        // Gone already.
        case .replaced, .pendingRefund, .cancelled, .destroyed: break
        // 冻结 An order against the old card holds against its successor.
        case .none, .ordered, .personalising, .quarantine, .personalised, .lost, .suspended:
            throw Refusal.conflict(.cardState(old.state.words.english))
        }
        return CardMove.pseudonym(old.reference)
    }
}
