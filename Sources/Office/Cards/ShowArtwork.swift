package import Database
package import Encodings
import Octets

/// 卡面 The drawn face of a card: shown to who makes or hands it out, and the look is evidence.
package struct ShowArtwork: Act {
    package static let name = "card.artwork"
    package static let evidenceName = "pii.look"
    package static let keepsAnswer = false

    /// Which file.
    package enum Form: String, Sendable { case png, pdf }

    package let card: [UInt8]
    package let form: Form

    package init(card: [UInt8], form: Form) {
        self.card = card
        self.form = form
    }

    /// The file's octets.
    package struct Answer: WireValue {
        package let octets: [UInt8]

        package init(octets: [UInt8]) { self.octets = octets }

        package init?(json: JSON) {
            guard let text = json["octets"]?.string, let octets = try? Base64.decode(text) else { return nil }
            self.init(octets: octets)
        }

        package var json: JSON { ["octets": .string(Base64.encode(octets))] }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        let row = try await transaction.maybe(
            """
            SELECT c.resident_id, a.png_enc, a.pdf_enc FROM card c JOIN card_artwork a USING (card_id)
            WHERE c.reference = \(card)
            """
        )
        guard let row else { throw Refusal.absent(.artwork) }
        let resident: Int64 = try row.value("resident_id")
        let key = try await DataKeys.key(of: resident, room.vault, in: transaction)
        let column = "\(form.rawValue)_enc"
        let octets = try room.vault.open(try row.value(column), table: "card_artwork", column: column, with: key)
        let entry = Entry(
            object: "c:\(Hex.encode(card.prefix(6)))",
            subject: resident,
            detail: ["what": "artwork", "reason": "card work"]
        )
        return Done(Answer(octets: octets), entry)
    }
}
