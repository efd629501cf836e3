package import Cards
package import Database
package import Encodings
import Identity
import Octets

/// 查看档案 A clerk opens one person's whole file, with the cards; the look stays in the resident's own history.
package struct ShowResident: Act {
    package static let name = "resident.show"
    package static let evidenceName = "pii.look"
    package static let keepsAnswer = false

    private let resident: Int64
    private let reason: LookReason

    package init(_ resident: Int64, reason: LookReason) {
        self.resident = resident
        self.reason = reason
    }

    /// One card of the resident.
    package struct HeldCard: Hashable, Sendable {
        /// Under which every act finds the card.
        package let reference: String
        package let kind: Int16
        package let state: CardState
        /// First and last digit alone.
        package let maskedNumber: String
        package let orderedAt: Timestamp
    }

    /// The file and the cards, newest first.
    package struct Answer: WireValue {
        package let resident: Int64
        package let file: ResidentFile
        package let cards: [HeldCard]

        init(resident: Int64, file: ResidentFile, cards: [HeldCard]) {
            self.resident = resident
            self.file = file
            self.cards = cards
        }

        /// Never stored, so never read back.
        package init?(json: JSON) { nil }

        package var json: JSON {
            [
                "resident": .string(String(resident)), "name": .string(file.name),
                "documentType": .string(file.documentType), "documentNumber": .string(file.documentNumber),
                "sex": .string(file.sex), "birth": .string(file.birth), "ethnicGroup": .string(file.ethnicGroup),
                "nationality": .string(file.nationality), "district": .string(file.district),
                "phone": .string(file.phone), "address": .string(file.address),
                "photo": file.photo.isEmpty ? .null : .string(Base64.encode(file.photo, .standard)),
                "cards": .array(cards.map(\.json)),
            ]
        }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        let row = try await transaction.maybe(
            """
            SELECT r.district, r.name_enc, r.document_enc, r.detail_enc, r.phone_enc, r.address_enc, r.photo_enc,
                d.wrapped, d.kek_ver
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
        let cards = try rows.map { try HeldCard($0, room.vault, key) }
        let entry = Entry(
            object: try ResidentReference.of(resident, room.keys),
            subject: resident,
            detail: ["reason": .string(reason.text)]
        )
        return Done(Answer(resident: resident, file: try room.vault.open(row, with: key), cards: cards), entry)
    }
}

extension ShowResident.HeldCard {
    init(_ row: Row, _ vault: ResidentVault, _ key: ResidentVault.DataKey) throws {
        guard let state = CardState(rawValue: try row.value("state")) else { throw Refusal.unavailable(.database) }
        reference = Hex.encode(try row.value("reference", as: [UInt8].self))
        kind = try row.value("kind")
        self.state = state
        let number = try vault.open(row.value("number_enc"), table: "card", column: "number_enc", with: key)
        maskedNumber = IdentityDocument.mask(String(decoding: number, as: UTF8.self))
        orderedAt = try row.value("ordered_at")
    }

    package var json: JSON {
        [
            "card": .string(reference), "kind": .integer(Int64(kind)), "state": .string("\(state)"),
            "stateZh": .string(state.words.chinese), "stateEn": .string(state.words.english),
            "number": .string(maskedNumber), "orderedAt": .integer(orderedAt.seconds),
        ]
    }
}
