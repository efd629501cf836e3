package import Database

/// 居民档案 The personal data of one resident in the clear: for the time of one act, never kept.
package struct ResidentFile: Hashable, Sendable {
    /// Name as written, with rare characters and `·`.
    package let name: String
    /// D1 of the card profile: 01 resident ID, 02 passport and so on.
    package let documentType: String
    package let documentNumber: String
    /// GB/T 2261.1: 1 male, 2 female, 0 unknown, 9 not told.
    package let sex: String
    /// Eight digits.
    package let birth: String
    /// GB/T 3304, two digits; empty when unknown.
    package let ethnicGroup: String
    /// GB/T 2659, three letters.
    package let nationality: String
    /// GB/T 2260, six digits; not sealed, because statistics and halls need it.
    package let district: String
    package let phone: String
    package let address: String
    /// JPEG; empty when there is none.
    package let photo: [UInt8]

    package init(
        name: String,
        documentType: String,
        documentNumber: String,
        sex: String,
        birth: String,
        ethnicGroup: String,
        nationality: String,
        district: String,
        phone: String,
        address: String,
        photo: [UInt8]
    ) {
        self.name = name
        self.documentType = documentType
        self.documentNumber = documentNumber
        self.sex = sex
        self.birth = birth
        self.ethnicGroup = ethnicGroup
        self.nationality = nationality
        self.district = district
        self.phone = phone
        self.address = address
        self.photo = photo
    }
}

/// The same, sealed column by column.
package struct SealedResidentFile: Sendable {
    package let name: [UInt8]
    package let document: [UInt8]
    package let detail: [UInt8]
    package let phone: [UInt8]?
    package let address: [UInt8]?
    package let photo: [UInt8]?
}

extension ResidentVault {
    /// Seals a file for the columns of table `resident`.
    package func seal(_ file: ResidentFile, with key: DataKey) throws -> SealedResidentFile {
        func column(_ name: String, _ octets: [UInt8]) throws -> [UInt8] {
            try seal(octets, table: "resident", column: name, with: key)
        }
        let document = file.documentType + file.documentNumber
        let detail = [file.sex, file.birth, file.ethnicGroup, file.nationality].joined(separator: "|")
        return SealedResidentFile(
            name: try column("name_enc", Array(file.name.utf8)),
            document: try column("document_enc", Array(document.utf8)),
            detail: try column("detail_enc", Array(detail.utf8)),
            phone: file.phone.isEmpty ? nil : try column("phone_enc", Array(file.phone.utf8)),
            address: file.address.isEmpty ? nil : try column("address_enc", Array(file.address.utf8)),
            photo: file.photo.isEmpty ? nil : try column("photo_enc", file.photo)
        )
    }

    /// Opens a row with the columns district, name_enc, document_enc, detail_enc, phone_enc, address_enc, photo_enc.
    package func open(_ row: Row, with key: DataKey) throws -> ResidentFile {
        func column(_ name: String) throws -> [UInt8] {
            let sealed: [UInt8]? = try row.value(name)
            guard let sealed else { return [] }
            return try open(sealed, table: "resident", column: name, with: key)
        }
        func text(_ name: String) throws -> String { String(decoding: try column(name), as: UTF8.self) }
        let document = try text("document_enc")
        let detail = try text("detail_enc").split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard document.count > 2, detail.count == 4 else { throw Fault.form }
        return ResidentFile(
            name: try text("name_enc"),
            documentType: String(document.prefix(2)),
            documentNumber: String(document.dropFirst(2)),
            sex: detail[0],
            birth: detail[1],
            ethnicGroup: detail[2],
            nationality: detail[3],
            district: try row.value("district"),
            phone: try text("phone_enc"),
            address: try text("address_enc"),
            photo: try column("photo_enc")
        )
    }
}
