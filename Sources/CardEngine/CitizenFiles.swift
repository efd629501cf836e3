package import Cryptography
import Encodings
import Octets

/// 持卡人数据 What the citizen application of one card holds (CC-1, 2.6).
package struct CitizenFiles: Hashable, Sendable {
    /// Why a value does not fit on the card.
    package enum Fault: Error, Hashable, Sendable {
        case field(String)
        case tooLong(String, octets: Int, limit: Int)
    }

    /// A field of the name or identity part with its salt: each is hashed by itself, so that one can be shown alone.
    package struct Field: Hashable, Sendable {
        package let tag: UInt8
        package let value: [UInt8]
        package let salt: [UInt8]

        package init(tag: UInt8, value: [UInt8], salt: [UInt8]) {
            self.tag = tag
            self.value = value
            self.salt = salt
        }

        /// Tag ‖ length ‖ value ‖ salt.
        package var encoded: [UInt8] { [tag] + BERTLV.lengthOctets(value.count) + value + salt }
    }

    package let card: [UInt8]
    package let publicPart: [UInt8]
    package let fields: [Field]
    package let photo: [UInt8]

    /// What the files are made from.
    package struct Content: Hashable, Sendable {
        /// 20 digits.
        package let cardNumber: String
        /// GB/T 2260, 6 digits.
        package let issuerCode: String
        /// C5: 01 ordinary and so on.
        package let kind: UInt8
        /// Eight digits each.
        package let issued: String
        package let expires: String
        package let reissue: UInt8
        package let name: String
        /// D1, two characters.
        package let documentType: String
        package let documentNumber: String
        /// D3, GB/T 2261.1.
        package let sex: String
        /// D4, GB/T 3304, empty when unknown.
        package let ethnicGroup: String
        /// D5, eight digits.
        package let birth: String
        package let address: String
        /// D7, GB/T 2659, three letters.
        package let nationality: String
        package let photo: [UInt8]

        package init(
            cardNumber: String,
            issuerCode: String,
            kind: UInt8,
            issued: String,
            expires: String,
            reissue: UInt8,
            name: String,
            documentType: String,
            documentNumber: String,
            sex: String,
            ethnicGroup: String,
            birth: String,
            address: String,
            nationality: String,
            photo: [UInt8]
        ) {
            self.cardNumber = cardNumber
            self.issuerCode = issuerCode
            self.kind = kind
            self.issued = issued
            self.expires = expires
            self.reissue = reissue
            self.name = name
            self.documentType = documentType
            self.documentNumber = documentNumber
            self.sex = sex
            self.ethnicGroup = ethnicGroup
            self.birth = birth
            self.address = address
            self.nationality = nationality
            self.photo = photo
        }
    }

    /// Files that were made before and kept with their job.
    package init(card: [UInt8], publicPart: [UInt8], fields: [Field], photo: [UInt8]) {
        self.card = card
        self.publicPart = publicPart
        self.fields = fields
        self.photo = photo
    }

    /// Makes the files; 16 octets of salt are drawn for each field.
    package init(_ content: Content, random: any RandomSource) throws(Fault) {
        guard content.cardNumber.utf8.count == 20, let number = CC1.bcd(content.cardNumber) else {
            throw .field("cardNumber")
        }
        guard content.issuerCode.utf8.count == 6 else { throw .field("issuerCode") }
        guard content.issued.utf8.count == 8, let issued = CC1.bcd(content.issued) else { throw .field("issued") }
        guard content.expires.utf8.count == 8, let expires = CC1.bcd(content.expires) else { throw .field("expires") }
        guard content.birth.utf8.count == 8, let birth = CC1.bcd(content.birth) else { throw .field("birth") }
        card = [
            BERTLV(0xC1, number), BERTLV(0xC2, Array("CC-1".utf8)), BERTLV(0xC3, [1, 0]),
            BERTLV(0xC4, Array(content.issuerCode.utf8)), BERTLV(0xC5, [content.kind]), BERTLV(0xC6, issued),
            BERTLV(0xC7, expires), BERTLV(0xC8, [content.reissue]),
        ].flatMap(\.encoded)
        publicPart = [BERTLV(0xD8, Array("zh".utf8)), BERTLV(0xD9, [1]), BERTLV(0xDA, issued)].flatMap(\.encoded)
        var fields = [
            (UInt8(0xD0), Array(content.name.utf8)), (0xD1, Array(content.documentType.utf8)),
            (0xD2, Array(content.documentNumber.utf8)), (0xD3, Array(content.sex.utf8)),
        ]
        if !content.ethnicGroup.isEmpty { fields.append((0xD4, Array(content.ethnicGroup.utf8))) }
        fields += [(0xD5, birth), (0xD6, Array(content.address.utf8)), (0xD7, Array(content.nationality.utf8))]
        self.fields = fields.map { Field(tag: $0.0, value: $0.1, salt: random.octets(16)) }
        photo = content.photo
        for (name, octets, limit) in [
            ("EF05", card, 128), ("EF06", publicPart, 64), ("EF07", namePart, 128), ("EF09", identityPart, 512),
            ("EF08", content.photo, 6142),
        ] where octets.count > limit { throw .tooLong(name, octets: octets.count, limit: limit) }
    }

    /// C5 of EF05: what kind of card it is.
    package var kind: UInt8? { (try? BERTLV.list(card))?.first { $0.tag == 0xC5 }?.value.first }

    /// EF07.
    package var namePart: [UInt8] { fields.filter { $0.tag == 0xD0 }.flatMap(\.encoded) }

    /// EF09.
    package var identityPart: [UInt8] { fields.filter { $0.tag != 0xD0 }.flatMap(\.encoded) }

    /// EF08 as written: length(2) ‖ JPEG.
    package var photoFile: [UInt8] { UInt16(photo.count).bigEndianOctets + photo }

    /// EF1D before its signature: what binds the data to the chip and to the key of slot 9E (CC-1, 2.6).
    package func securityObject(csn: [UInt8], cardNumber: [UInt8], proofKey: PublicKey, signer: PublicKey) -> [UInt8] {
        var entries: [([UInt8], [UInt8])] = [([0xEF, 0x05], card), ([0xEF, 0x06], publicPart)]
        if !photo.isEmpty { entries.append(([0xEF, 0x08], photo)) }
        for field in fields { entries.append(([0x00, field.tag], field.encoded)) }
        entries.append(([0x00, 0x9E], proofKey.spki))
        let list = entries.prefix(12).flatMap { $0.0 + Digest.sha256.hash($0.1) }
        let identifier = Digest.sha256.hash(signer.spki).prefix(8)
        return [0x01, 0x01] + csn + cardNumber + [UInt8(min(entries.count, 12))] + list + [0x01] + identifier
    }
}
