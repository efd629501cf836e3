/// 公民身份号码 Seventeen digits and a check character: area, birth date, order code (GB 11643-1999).
package struct ResidentNumber: Hashable, Sendable {
    /// Why a text is no resident number; offsets count characters from 0.
    package enum Fault: Error, Hashable, Sendable {
        /// 十五位旧号 The form of GB 11643-1989: for looking up old files alone.
        case oldForm
        case length(Int)
        case notADigit(offset: Int)
        /// A digit of another script; `ResidentNumber(entered:)` takes the full-width ones.
        case notASCIIDigit(offset: Int)
        case notASCII(offset: Int)
        /// X stands for ten, in the last place alone.
        case misplacedX(offset: Int)
        /// A small x at the end; `ResidentNumber(entered:)` takes it.
        case smallX
        case checkCharacter
        case area
        case noSuchDay
        case future
        /// 顺序码 000 is given to nobody.
        case orderCode
    }

    /// Which area codes the first six digits may be.
    enum Area {
        /// Any province; unknown counties are taken, because the list has changed often.
        case mainland
        /// 居住证 810000, 820000, 830000.
        case permit
        /// 外国人永久居留身份证 A nine in front.
        case foreigner

        /// 省级 The first two digits of every province of GB/T 2260, by their number.
        private static let provinces: Set<Int> = [
            11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61,
            62,
            63, 64, 65, 71,
        ]

        func holds(_ digits: ArraySlice<UInt8>) -> Bool {
            let number = digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
            return switch self {
            case .mainland: Self.provinces.contains(number / 10_000)
            case .permit: [810_000, 820_000, 830_000].contains(number)
            case .foreigner: number >= 900_000
            }
        }
    }

    /// Eighteen characters.
    package let text: String
    package let birth: BirthDate
    package let sex: Sex

    /// Reads a number as it is stored; a birth date after `today` is refused.
    package init(_ text: String, today: BirthDate) throws(Fault) { try self.init(text, .mainland, today: today) }

    /// Reads a number as people type it: full-width digits and a small x become plain.
    package init(entered text: String, today: BirthDate) throws(Fault) {
        try self.init(ASCIIForm.of(text), .mainland, today: today)
    }

    /// Reads a number of the old form, fifteen digits, for looking up old files: 19 before the year, check character added.
    package init(old text: String, today: BirthDate) throws(Fault) {
        let digits = Array(ASCIIForm.of(text).utf8)
        guard digits.count == 15 else { throw .length(digits.count) }
        if let offset = digits.firstIndex(where: { !Self.isDigit($0) }) { throw .notADigit(offset: offset) }
        let whole = digits[..<6] + [0x31, 0x39] + digits[6...]
        let check = CheckCharacter.of(whole)
        try self.init(String(decoding: whole + [check], as: UTF8.self), .mainland, today: today)
    }

    init(_ text: String, _ area: Area, today: BirthDate) throws(Fault) {
        let digits = Array(text.utf8)
        guard digits.count != 15 || !digits.allSatisfy(Self.isDigit) else { throw .oldForm }
        // One pass over octets decides whether there is anything to explain.
        let isPlain = digits.count == 18 && digits[..<17].allSatisfy(Self.isDigit)
        guard isPlain, Self.isDigit(digits[17]) || digits[17] == 0x58 else { throw Self.explain(text) }
        guard CheckCharacter.of(digits[..<17]) == digits[17] else { throw .checkCharacter }
        guard area.holds(digits[..<6]) else { throw .area }
        do throws(BirthDate.Fault) { birth = try BirthDate(digits: digits[6..<14]) } catch { throw .noSuchDay }
        guard birth <= today else { throw .future }
        guard digits[14..<17] != [0x30, 0x30, 0x30] else { throw .orderCode }
        sex = digits[16] & 1 == 1 ? .male : .female
        self.text = text
    }

    /// 行政区划 The six digits of the place where the number was given.
    package var area: String { String(text.prefix(6)) }

    private static func isDigit(_ octet: UInt8) -> Bool { octet >= 0x30 && octet <= 0x39 }

    /// The first thing wrong with a text that is not seventeen digits and a check character.
    private static func explain(_ text: String) -> Fault {
        let scalars = Array(text.unicodeScalars)
        for (offset, scalar) in scalars.prefix(17).enumerated() where !("0"..."9").contains(scalar) {
            if scalar == "X" || scalar == "x" { return .misplacedX(offset: offset) }
            return foreign(scalar, offset)
        }
        guard scalars.count == 18 else { return .length(scalars.count) }
        return scalars[17] == "x" ? .smallX : foreign(scalars[17], 17)
    }

    private static func foreign(_ scalar: Unicode.Scalar, _ offset: Int) -> Fault {
        if scalar.isASCII { return .notADigit(offset: offset) }
        return scalar.properties.generalCategory == .decimalNumber
            ? .notASCIIDigit(offset: offset) : .notASCII(offset: offset)
    }
}

extension ResidentNumber.Fault {
    /// The same for a form's field.
    var reason: FieldFault.Reason {
        switch self {
        case .oldForm, .length: .length
        case .notADigit, .notASCIIDigit, .notASCII, .misplacedX, .smallX: .characters
        case .checkCharacter: .checkCharacter
        case .area: .unknown
        case .noSuchDay: .noSuchDay
        case .future: .future
        case .orderCode: .form
        }
    }
}
