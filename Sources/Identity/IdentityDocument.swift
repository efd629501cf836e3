/// 证件 One document with its number in the one form that is stored and looked up.
///
/// Numbers are taken as typed: full-width forms and small letters become plain capitals, nothing else is forgiven.
package struct IdentityDocument: Hashable, Sendable {
    package let type: DocumentType
    package let number: String
    /// What the number itself says, where it says anything.
    package let birth: BirthDate?
    /// What the number itself says, where it says anything.
    package let sex: Sex?

    /// Checks the number's form; throws a fault of the field `document_number`.
    package init(_ type: DocumentType, _ entered: String, today: BirthDate) throws(FieldFault) {
        guard !entered.isEmpty else { throw FieldFault(.documentNumber, .missing) }
        let text = ASCIIForm.of(entered)
        self.type = type
        switch type {
        case .residentCard:
            (number, birth, sex) = try Self.coded(text, .mainland, today)
        case .residencePermit:
            (number, birth, sex) = try Self.coded(text, .permit, today)
        case .permanentResidence where text.utf8.count == 18:
            // Since December 2023; whether the order code tells the sex is to be confirmed, so it is not used.
            let read = try Self.coded(text, .foreigner, today)
            (number, birth, sex) = (read.0, read.1, nil)
        case .permanentResidence:
            try Self.demand(text, letters: 3...3, digits: 12...12)
            (number, birth, sex) = (text, nil, nil)
        case .passport:
            try Self.demandPassport(text)
            (number, birth, sex) = (text, nil, nil)
        case .hongKongMacaoPermit:
            try Self.demand(text, letters: 1...1, digits: 8...8)
            guard text.hasPrefix("H") || text.hasPrefix("M") else { throw FieldFault(.documentNumber, .form) }
            (number, birth, sex) = (text, nil, nil)
        case .taiwanPermit:
            try Self.demand(text, letters: 0...0, digits: 8...8)
            (number, birth, sex) = (text, nil, nil)
        case .householdRegister where text.utf8.count == 10:
            // 出生医学证明 A letter and nine digits (form to be confirmed).
            try Self.demand(text, letters: 1...1, digits: 9...9)
            (number, birth, sex) = (text, nil, nil)
        case .householdRegister:
            (number, birth, sex) = try Self.coded(text, .mainland, today)
        }
    }

    /// 脱敏 First and last character, the rest as asterisks.
    package var masked: String { Self.mask(number) }

    /// First and last character of any number, the rest as asterisks; texts of two or fewer are hidden whole.
    package static func mask(_ number: String) -> String {
        guard number.count > 2 else { return String(repeating: "*", count: number.count) }
        return number.prefix(1) + String(repeating: "*", count: number.count - 2) + number.suffix(1)
    }

    private static func coded(
        _ text: String,
        _ area: ResidentNumber.Area,
        _ today: BirthDate
    ) throws(FieldFault) -> (String, BirthDate?, Sex?) {
        do throws(ResidentNumber.Fault) {
            let number = try ResidentNumber(text, area, today: today)
            return (number.text, number.birth, number.sex)
        } catch { throw FieldFault(.documentNumber, error.reason) }
    }

    /// Letters A to Z in front, digits behind, in these numbers.
    private static func demand(
        _ text: String,
        letters: ClosedRange<Int>,
        digits: ClosedRange<Int>
    ) throws(FieldFault) {
        let head = text.utf8.prefix { (0x41...0x5A).contains($0) }.count
        let rest = text.utf8.dropFirst(head)
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }) else {
            throw FieldFault(.documentNumber, .characters)
        }
        let least = letters.lowerBound + digits.lowerBound
        guard text.utf8.count >= least, text.utf8.count <= letters.upperBound + digits.upperBound else {
            throw FieldFault(.documentNumber, .length)
        }
        guard letters.contains(head), rest.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw FieldFault(.documentNumber, .form)
        }
    }

    /// ICAO Doc 9303 has nine characters; some states print more, the card holds eighteen at most.
    private static func demandPassport(_ text: String) throws(FieldFault) {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }) else {
            throw FieldFault(.documentNumber, .characters)
        }
        guard (5...15).contains(text.utf8.count) else { throw FieldFault(.documentNumber, .length) }
        guard text.utf8.contains(where: { (0x30...0x39).contains($0) }) else {
            throw FieldFault(.documentNumber, .form)
        }
    }
}
