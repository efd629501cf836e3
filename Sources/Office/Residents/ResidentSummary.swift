import Database
package import Encodings
import Identity

/// 检索结果 What tells two namesakes apart, and no more.
package struct ResidentSummary: Hashable, Sendable {
    package let resident: Int64
    package let name: String
    package let documentType: String
    /// First and last character alone.
    package let maskedDocument: String
    /// `1990-02-28`.
    package let birth: String
    package let district: String

    /// Opens what is needed of a row with resident_id, district, name_enc, document_enc, detail_enc, wrapped, kek_ver.
    init(_ row: Row, _ vault: ResidentVault) throws {
        let resident: Int64 = try row.value("resident_id")
        let key = try vault.openKey(for: resident, wrapped: row.value("wrapped"), kekVersion: row.value("kek_ver"))
        func text(_ column: String) throws -> String {
            let sealed: [UInt8] = try row.value(column)
            return String(decoding: try vault.open(sealed, table: "resident", column: column, with: key), as: UTF8.self)
        }
        self.resident = resident
        name = try text("name_enc")
        let document = try text("document_enc")
        documentType = String(document.prefix(2))
        maskedDocument = IdentityDocument.mask(String(document.dropFirst(2)))
        let detail = try text("detail_enc").split(separator: "|", omittingEmptySubsequences: false)
        guard detail.count == 4, let date = try? BirthDate(detail[1]) else { throw ResidentVault.Fault.form }
        birth = date.iso
        district = try row.value("district")
    }

    /// The number as text: JavaScript's numbers end at 2^53.
    package var json: JSON {
        [
            "resident": .string(String(resident)), "name": .string(name), "documentType": .string(documentType),
            "document": .string(maskedDocument), "birth": .string(birth), "district": .string(district),
        ]
    }
}
