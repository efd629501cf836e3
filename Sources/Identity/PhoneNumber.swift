/// 电话号码 A telephone number in the one form that is stored and looked up.
///
/// Mainland numbers are digits alone (`13912345678`, `02512345678`), others begin with `+` (E.164).
package struct PhoneNumber: Hashable, Sendable {
    package let text: String

    /// Reads a number as people type it, with blanks, hyphens, brackets, `+86` or `0086`.
    package init(entered: String) throws(FieldFault) {
        guard !entered.isEmpty else { throw FieldFault(.phone, .missing) }
        let typed = ASCIIForm.of(entered).utf8.filter { ![0x20, 0x2D, 0x28, 0x29].contains($0) }
        var digits = typed[...]
        let isInternational = digits.first == 0x2B || digits.starts(with: [0x30, 0x30])
        if isInternational { digits = digits.dropFirst(digits.first == 0x2B ? 1 : 2) }
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { throw FieldFault(.phone, .characters) }
        if isInternational, !digits.starts(with: [0x38, 0x36]) {
            guard (7...15).contains(digits.count) else { throw FieldFault(.phone, .length) }
            guard digits.first != 0x30 else { throw FieldFault(.phone, .form) }
            text = "+" + String(decoding: digits, as: UTF8.self)
            return
        }
        if isInternational { digits = digits.dropFirst(2) }
        // A mobile number has eleven digits from 13 to 19, a fixed one a zero, area code and seven or eight digits.
        let isMobile = digits.first == 0x31
        guard isMobile ? digits.count == 11 : (10...12).contains(digits.count) else {
            throw FieldFault(.phone, .length)
        }
        let second = digits.dropFirst().first ?? 0
        guard isMobile ? second >= 0x33 : digits.first == 0x30 && second > 0x30 else { throw FieldFault(.phone, .form) }
        text = String(decoding: digits, as: UTF8.self)
    }
}
