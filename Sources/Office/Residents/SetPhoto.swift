package import Database

/// 采集照片 A clerk puts the resident's photo into the file: a JPEG that the card's EF08 can hold.
package struct SetPhoto: Act {
    package static let name = "resident.register"
    package static let evidenceName = "resident.photo"

    /// EF08 has 6,144 octets, two of them for the length (CC-1, 2.6).
    package static let octetLimit = 6142

    private let resident: Int64
    private let photo: [UInt8]

    package init(_ resident: Int64, photo: [UInt8]) {
        self.resident = resident
        self.photo = photo
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        guard !photo.isEmpty else { throw Refusal.invalid(field: "photo", .missing) }
        guard photo.count <= Self.octetLimit else { throw Refusal.invalid(field: "photo", .length) }
        guard photo.starts(with: [0xFF, 0xD8, 0xFF]), photo.suffix(2) == [0xFF, 0xD9] else {
            throw Refusal.invalid(field: "photo", .format)
        }
        let key = try await DataKeys.key(of: resident, room.vault, in: transaction)
        let sealed = try room.vault.seal(photo, table: "resident", column: "photo_enc", with: key)
        let touched = try await transaction.execute(
            """
            UPDATE resident SET photo_enc = \(sealed), row_ver = row_ver + 1, updated_at = \(room.now)
            WHERE resident_id = \(resident) AND status = 1
            """
        )
        guard touched == 1 else { throw Refusal.absent(.resident) }
        let entry = Entry(object: try ResidentReference.of(resident, room.keys), subject: resident)
        return Done(NoAnswer(), entry)
    }
}
