import Database
package import CardEngine
package import Cards
package import Octets

/// 卡面 What is drawn on a card: the holder's name and picture, the card number, the validity.
package struct CardFaceOrder: Sendable {
    private let plan: PersonalisationPlan
    private let kind: CardKind
    package let city: (chinese: String, english: String)

    package init(plan: PersonalisationPlan, kind: CardKind, city: (chinese: String, english: String)) {
        self.plan = plan
        self.kind = kind
        self.city = city
    }

    /// The name as the card holds it.
    package var name: String {
        let field = plan.files.fields.first { $0.tag == 0xD0 }
        return field.map { String(decoding: $0.value, as: UTF8.self) } ?? ""
    }

    /// Twenty digits.
    package var number: String { Hex.encode(plan.cardNumber) }

    /// The last day, at midnight.
    package var validUntil: CivilTime {
        let days = (try? RelayRows.day(plan.validTo).days) ?? 0
        return CivilTime(seconds: Int64(days) * 86_400)
    }

    /// JPEG; empty when there is none.
    package var photo: [UInt8] { plan.files.photo }

    /// The chip's serial number, small, so that a printed card and its chip can be matched.
    package var reference: String { Hex.encodeUpper(plan.csn) }

    /// In Chinese and English.
    package var kindWords: (chinese: String, english: String) { kind.words }
}

/// The drawn faces: PNG at 300 dots an inch, PDF in the card's size.
package struct CardFacePicture: Sendable {
    package let png: [UInt8]
    package let pdf: [UInt8]

    package init(png: [UInt8], pdf: [UInt8]) {
        self.png = png
        self.pdf = pdf
    }
}
