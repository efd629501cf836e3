package import Database
package import Encodings

/// 查看卡片 Somebody who may not open the file sees a person's cards and their states; the look stays in the resident's
/// own history.
package struct ShowCards: Act {
    package static let name = "card.show"
    package static let evidenceName = "pii.look"
    package static let keepsAnswer = false

    private let resident: Int64
    private let reason: LookReason

    /// Looks at the cards of one resident, for a reason.
    package init(_ resident: Int64, reason: LookReason) {
        self.resident = resident
        self.reason = reason
    }

    /// Who it is, as a search tells it, and the cards, newest first.
    package struct Answer: WireValue {
        /// Who holds them.
        package let resident: ResidentSummary
        /// Newest first.
        package let cards: [ShowResident.HeldCard]

        init(resident: ResidentSummary, cards: [ShowResident.HeldCard]) {
            self.resident = resident
            self.cards = cards
        }

        /// Never stored, so never read back.
        package init?(json: JSON) { nil }

        package var json: JSON { ["resident": resident.json, "cards": .array(cards.map(\.json))] }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        let row = try await transaction.maybe(
            """
            SELECT r.resident_id, r.district, r.name_enc, r.document_enc, r.detail_enc, d.wrapped, d.kek_ver
            FROM resident r JOIN resident_dek d ON d.resident_id = r.resident_id
            WHERE r.resident_id = \(resident) AND d.wrapped IS NOT NULL
            """
        )
        guard let row else { throw Refusal.absent(.resident) }
        let key = try room.vault.openKey(
            for: resident,
            wrapped: row.value("wrapped"),
            kekVersion: row.value("kek_ver")
        )
        let rows = try await transaction.all(
            """
            SELECT reference, kind, state, number_enc, ordered_at FROM card
            WHERE resident_id = \(resident) ORDER BY card_id DESC LIMIT 100
            """
        )
        let cards = try rows.map { try ShowResident.HeldCard($0, room.vault, key) }
        let entry = Entry(
            object: try ResidentReference.of(resident, room.keys),
            subject: resident,
            detail: ["reason": .string(reason.text), "what": "cards"]
        )
        return Done(Answer(resident: try ResidentSummary(row, room.vault), cards: cards), entry)
    }
}
