package import CardEngine

/// 卡面 What is drawn on a card: the holder's name and picture, the card number, the validity.
package struct CardFaceOrder: Sendable {
    package let plan: PersonalisationPlan
    package let city: String
    package let cityEnglish: String

    package init(plan: PersonalisationPlan, city: String, cityEnglish: String) {
        self.plan = plan
        self.city = city
        self.cityEnglish = cityEnglish
    }

    /// The name as the card holds it.
    package var name: String {
        let field = plan.files.fields.first { $0.tag == 0xD0 }
        return field.map { String(decoding: $0.value, as: UTF8.self) } ?? ""
    }
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
