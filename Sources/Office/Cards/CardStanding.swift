package import Cards
import Database
package import Encodings
import Octets

/// 卡片现状 The answer of every act on a card: where it stands now.
package struct CardStanding: WireValue {
    /// The card's reference, thirty-two hexadecimal digits.
    package let card: String
    /// Where it stands.
    package let state: CardState

    /// Of a card that an act has moved.
    package init(card: String, state: CardState) {
        self.card = card
        self.state = state
    }

    /// As it was stored.
    package init?(json: JSON) {
        guard let card = json["card"]?.string,
            let state = json["state"]?.integer.flatMap({ Int16(exactly: $0) }).flatMap(CardState.init(rawValue:))
        else { return nil }
        self.init(card: card, state: state)
    }

    package var json: JSON {
        [
            "card": .string(card), "state": .integer(Int64(state.rawValue)), "stateZh": .string(state.words.chinese),
            "stateEn": .string(state.words.english),
        ]
    }
}

extension CardMove {
    /// One event of one card as a whole act: found, locked, moved; the reason in the history and in the sealed detail.
    static func carryOut(
        _ event: CardEvent,
        of reference: [UInt8],
        _ reason: CaseReason,
        detail: [JSON.Member] = [],
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> Done<CardStanding> {
        let card = try await card(reference, in: transaction)
        let next = try await move(card, event, reason: reason.text, room, in: transaction)
        return done(card, next, reason, detail: detail)
    }

    /// The answer and the entry of a card that was moved.
    static func done(
        _ card: CardRow,
        _ next: CardState,
        _ reason: CaseReason,
        detail: [JSON.Member] = []
    ) -> Done<CardStanding> {
        let entry = Entry(
            object: pseudonym(card.reference),
            from: card.state.words.english,
            to: next.words.english,
            subject: card.resident,
            detail: .object([.init("reason", .string(reason.text))] + detail)
        )
        return Done(CardStanding(card: Hex.encode(card.reference), state: next), entry)
    }

    /// How the log names a card.
    static func pseudonym(_ reference: [UInt8]) -> String { "c:\(Hex.encode(reference.prefix(6)))" }
}
