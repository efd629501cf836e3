import Octets

/// 出生日期 A day of the Gregorian calendar from 1800 on.
package struct BirthDate: Hashable, Comparable, Sendable {
    /// Why digits are no birth date.
    package enum Fault: Error, Hashable, Sendable {
        /// Neither `19900228` nor `1990-02-28`.
        case form
        case noSuchDay
    }

    package let year: Int
    package let month: Int
    package let day: Int

    /// A day that exists.
    package init(year: Int, month: Int, day: Int) throws(Fault) {
        guard year >= 1800, CivilTime.days(year: year, month: month, day: day) != nil else { throw .noSuchDay }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Reads `19900228` or `1990-02-28`.
    package init(_ text: some StringProtocol) throws(Fault) {
        var digits = Array(text.utf8)
        if digits.count == 10, digits[4] == 0x2D, digits[7] == 0x2D {
            digits.remove(at: 7)
            digits.remove(at: 4)
        }
        try self.init(digits: digits[...])
    }

    /// Reads eight ASCII digits.
    init(digits: ArraySlice<UInt8>) throws(Fault) {
        guard digits.count == 8 else { throw .form }
        var number = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { throw .form }
            number = number * 10 + Int(digit) - 0x30
        }
        try self.init(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    }

    /// The day of a moment, in seconds since 1970.
    package init(dayOf seconds: Int64) {
        let time = CivilTime(seconds: seconds)
        (year, month, day) = (time.year, time.month, time.day)
    }

    /// `19900228`.
    package var compact: String { String(year * 10_000 + month * 100 + day) }

    /// `1990-02-28`.
    package var iso: String {
        let digits = compact
        return digits.prefix(4) + "-" + digits.dropFirst(4).prefix(2) + "-" + digits.suffix(2)
    }

    package static func < (left: BirthDate, right: BirthDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}
