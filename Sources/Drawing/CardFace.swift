package import Octets

/// 卡面 What is printed on the front of a card.
package struct CardFace: Hashable, Sendable {
    /// The same words in both languages.
    package struct Words: Hashable, Sendable {
        package let chinese: String
        package let english: String

        package init(chinese: String, english: String) {
            self.chinese = chinese
            self.english = english
        }
    }

    package let city: Words
    /// What kind of card it is: 市民卡, Citizen Card.
    package let kind: Words
    package let holder: String
    /// Letters and digits; printed in groups of four.
    package let number: String
    package let validUntil: CivilTime
    /// JPEG; empty for a neutral silhouette.
    package let photo: [UInt8]
    /// Small print: where to call, or the batch. May be empty.
    package let reference: String

    package init(
        city: Words,
        kind: Words,
        holder: String,
        number: String,
        validUntil: CivilTime,
        photo: [UInt8] = [],
        reference: String = ""
    ) {
        self.city = city
        self.kind = kind
        self.holder = holder
        self.number = number
        self.validUntil = validUntil
        self.photo = photo
        self.reference = reference
    }

    /// The number as printed: groups of four from the left.
    package var printedNumber: String {
        let digits = Array(number)
        return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<min($0 + 4, digits.count)]) }
            .joined(separator: " ")
    }
}
