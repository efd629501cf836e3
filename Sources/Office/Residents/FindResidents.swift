package import Database
package import Encodings
import Identity

/// 查找居民 A clerk looks for a person; exact values only, fifty rows at most, and the look stays in the log.
package struct FindResidents: Act {
    package static let name = "resident.search"
    package static let evidenceName = "pii.look"
    package static let keepsAnswer = false

    /// 上限 Rows of one answer.
    package static let rowLimit = 50

    private let search: ResidentSearch
    private let reason: LookReason

    package init(_ search: ResidentSearch, reason: LookReason) {
        self.search = search
        self.reason = reason
    }

    /// The people found.
    package struct Answer: WireValue {
        package let found: [ResidentSummary]
        /// More than the limit fit; a second value is due.
        package let isCutOff: Bool

        init(found: [ResidentSummary], isCutOff: Bool) {
            self.found = found
            self.isCutOff = isCutOff
        }

        /// Never stored, so never read back.
        package init?(json: JSON) { nil }

        package var json: JSON {
            ["residents": .array(found.map(\.json)), "more": .bool(isCutOff)]
        }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        let places = try search.places(room.vault, today: BirthDate(dayOf: room.now.seconds))
        let rows = try await transaction.all(
            """
            SELECT r.resident_id, r.district, r.name_enc, r.document_enc, r.detail_enc, d.wrapped, d.kek_ver
            FROM (\(fragment: places)) AS hit
            JOIN resident r ON r.resident_id = hit.resident_id
            JOIN resident_dek d ON d.resident_id = hit.resident_id
            WHERE d.wrapped IS NOT NULL
            ORDER BY r.resident_id LIMIT \(Int64(Self.rowLimit + 1))
            """
        )
        let found = try rows.prefix(Self.rowLimit).map { try ResidentSummary($0, room.vault) }
        let references = try found.map { try ResidentReference.of($0.resident, room.keys) }
        let entry = Entry(
            object: references.count == 1 ? references[0] : "search",
            subject: found.count == 1 ? found[0].resident : nil,
            detail: [
                "by": .string(search.word), "reason": .string(reason.text),
                "found": .array(references.map(JSON.string)),
            ]
        )
        return Done(Answer(found: found, isCutOff: rows.count > Self.rowLimit), entry)
    }
}
