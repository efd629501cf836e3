package import Database
package import Encodings
package import Identity
import KeyHierarchy

/// 登记 A clerk writes down a resident: one document, one person; sealed under a key of the resident's own.
package struct RegisterResident: Act {
    package static let name = "resident.register"

    private let entered: Particulars.Entered

    package init(_ entered: Particulars.Entered) { self.entered = entered }

    /// The number under which the resident is found again.
    package struct Answer: WireValue {
        package let resident: Int64

        package init(resident: Int64) { self.resident = resident }

        package init?(json: JSON) {
            guard let resident = json["resident"]?.string.flatMap({ Int64($0) }) else { return nil }
            self.init(resident: resident)
        }

        package var json: JSON { ["resident": .string(String(resident))] }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        let particulars: Particulars
        do throws(FieldFault) {
            particulars = try Particulars(entered, today: BirthDate(dayOf: room.now.seconds))
        } catch { throw Refusal(error) }
        let resident = room.rowNumber()
        let row = try ResidentRow(resident, particulars, room.vault)
        let versions = try IndexKeyVersions(room.keys)
        try await transaction.execute(
            """
            INSERT INTO resident (resident_id, district, name_enc, document_enc, detail_enc, phone_enc, address_enc,
                created_at, updated_at)
            VALUES (\(resident), \(row.district), \(row.file.name), \(row.file.document), \(row.file.detail),
                \(row.file.phone), \(row.file.address), \(room.now), \(room.now))
            """
        )
        try await transaction.execute(
            """
            INSERT INTO resident_dek (resident_id, wrapped, kek_ver)
            VALUES (\(resident), \(row.wrapped), \(row.kekVersion))
            """
        )
        try await transaction.execute(
            """
            INSERT INTO id_index (kind, bi, resident_id, bi_key_ver)
            VALUES (\(row.index.documentKind), \(row.index.document), \(resident), \(versions.document))
            """
        )
        for (kind, index) in row.index.others {
            try await transaction.execute(
                """
                INSERT INTO name_index (kind, bi, resident_id, bi_key_ver)
                VALUES (\(kind), \(index), \(resident), \(versions.version(ofKind: kind)))
                """
            )
        }
        let entry = Entry(
            object: try ResidentReference.of(resident, room.keys),
            from: "none",
            to: "registered",
            subject: resident,
            detail: [
                "documentType": .string(particulars.document.type.rawValue),
                "district": .string(particulars.district.text),
            ]
        )
        return Done(Answer(resident: resident), entry)
    }
}
