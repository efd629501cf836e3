import Cards
import Cryptography
package import Database
package import Encodings
import Octets
import Policies

/// 申领 A clerk orders a card for a resident: number given out, one card of the kind under way at most.
package struct OrderCard: Act {
    package static let name = "card.order"

    package let resident: Int64
    package let kind: Int16

    package init(resident: Int64, kind: Int16) {
        self.resident = resident
        self.kind = kind
    }

    /// The reference under which every later act finds the card.
    package struct Answer: WireValue {
        package let card: String

        package init(card: String) { self.card = card }

        package init?(json: JSON) {
            guard let card = json["card"]?.string else { return nil }
            self.init(card: card)
        }

        package var json: JSON { ["card": .string(card)] }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        guard let kind = CardKind(rawValue: kind) else { throw Refusal.invalid(field: "kind", .unknown) }
        try await Self.requireResident(resident, in: transaction)
        let live = try await transaction.maybe(
            """
            SELECT 1 AS found FROM card
            WHERE resident_id = \(resident) AND kind = \(kind.rawValue) AND state IN (5, 6, 8) LIMIT 1
            """
        )
        guard live == nil else { throw Refusal.conflict(.cardLive) }
        let ordered = try await Self.order(kind, for: resident, room, in: transaction)
        let entry = Entry(
            object: CardMove.pseudonym(ordered.reference),
            from: "none",
            to: "ordered",
            subject: resident,
            detail: ["cardNumber": .string(ordered.number), "kind": .integer(Int64(kind.rawValue))]
        )
        return Done(Answer(card: Hex.encode(ordered.reference)), entry)
    }

    /// A card that was ordered just now.
    struct Ordered {
        let id: Int64
        let reference: [UInt8]
        let number: String
    }

    /// Locks the holder's row against a change meanwhile; refuses a person who is not in the register any more.
    static func requireResident(_ resident: Int64, in transaction: borrowing Transaction) async throws {
        let status = try await transaction.maybe(
            "SELECT status FROM resident WHERE resident_id = \(resident) FOR SHARE"
        )
        guard let status, try status.value("status") == Int16(1) else { throw Refusal.absent(.resident) }
    }

    /// Gives a number out and writes the card's row and the first of its history.
    static func order(
        _ kind: CardKind,
        for resident: Int64,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> Ordered {
        let sequence: Int64 = try await transaction.one("SELECT nextval('card_sequence') AS number").value("number")
        let number = try CardNumber(city: String(room.city.code.prefix(4)), sequence: sequence)
        let key = try await DataKeys.key(of: resident, room.vault, in: transaction)
        let sealed = try room.vault.seal(Array(number.digits.utf8), table: "card", column: "number_enc", with: key)
        let index = try room.vault.index(.cardno, kind: "cardno", number.digits)
        let card = room.rowNumber()
        let reference = room.random.octets(16)
        try await transaction.execute(
            """
            INSERT INTO card_event (card_id, seq, from_state, to_state, actor, evidence_tx, at)
            VALUES (\(card), 1, 0, \(CardState.ordered.rawValue), \(room.caller.reference), \(room.tx), \(room.now))
            """
        )
        try await transaction.execute(
            """
            INSERT INTO card (card_id, reference, resident_id, kind, state, number_bi, number_enc, row_ver, ordered_at)
            VALUES (\(card), \(reference), \(resident), \(kind.rawValue), \(CardState.ordered.rawValue), \(index),
                \(sealed), 1, \(room.now))
            """
        )
        return Ordered(id: card, reference: reference, number: number.digits)
    }
}
