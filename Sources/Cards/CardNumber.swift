/// 卡号 A card number: product 0001, city (GB/T 2260, 4 digits), sequence (11), Luhn check digit; 20 digits in all.
package struct CardNumber: Hashable, Sendable {
    /// Why digits are no card number.
    package enum Fault: Error, Hashable, Sendable {
        case length
        case notDigits
        case product
        case checkDigit
    }

    package let digits: String

    /// Reads 20 digits.
    package init(_ digits: String) throws(Fault) {
        guard digits.utf8.count == 20 else { throw .length }
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .notDigits }
        guard digits.hasPrefix("0001") else { throw .product }
        let body = digits.dropFirst(4)
        guard Self.luhn(body.dropLast()) == body.last.flatMap(\.wholeNumberValue) else { throw .checkDigit }
        self.digits = digits
    }

    /// The number of a sequence in a city; the caller gives a city of four digits and a sequence of at most eleven.
    package init(city: String, sequence: Int64) throws(Fault) {
        let text = String(sequence)
        guard city.utf8.count == 4, (1...11).contains(text.utf8.count), sequence > 0 else { throw .length }
        let body = city + String(repeating: "0", count: 11 - text.utf8.count) + text
        guard body.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .notDigits }
        try self.init("0001" + body + String(Self.luhn(body[...])))
    }

    /// Ten octets, two digits each.
    package var octets: [UInt8] {
        let values = digits.utf8.map { $0 - 0x30 }
        return stride(from: 0, to: 20, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    /// The form printed on the card: groups of four.
    package var printed: String {
        stride(from: 0, to: 20, by: 4).map { start in
            let from = digits.index(digits.startIndex, offsetBy: start)
            return String(digits[from..<digits.index(from, offsetBy: 4)])
        }.joined(separator: " ")
    }

    private static func luhn(_ digits: Substring) -> Int {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = digit.wholeNumberValue ?? 0
            let doubled = value * 2
            sum += index.isMultiple(of: 2) ? (doubled > 9 ? doubled - 9 : doubled) : value
        }
        return (10 - sum % 10) % 10
    }
}
