/// Numbers that are well formed and no one's, one for each index.
enum DocumentNumbers {
    /// Areas of whole cities: never given to a person.
    private static let areas = ["320100", "320600", "321300"]
    private static let permitAreas = ["810000", "820000", "830000"]
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let characters = Array("10X98765432".utf8)

    /// Order codes and areas give 2,997 numbers a day; the caller takes another day for the next 2,997 indexes.
    static func resident(_ index: Int, _ born: CivilDay) -> (number: String, isMale: Bool) {
        number(areas, index, born)
    }

    static func permit(_ index: Int, _ born: CivilDay) -> (number: String, isMale: Bool) {
        number(permitAreas, index, born)
    }

    private static func number(
        _ areas: [String],
        _ index: Int,
        _ born: CivilDay
    ) -> (number: String, isMale: Bool) {
        let area = areas[index / 999 % areas.count]
        let order = index % 999 + 1
        let day = String(born.year * 10_000 + born.month * 100 + born.day)
        return (withCheck(area + day + padded(order, 3)), order % 2 == 1)
    }

    /// Seventeen digits with their check character (GB 11643-1999).
    static func withCheck(_ digits: String) -> String {
        let sum = zip(digits.utf8, weights).reduce(0) { $0 + (Int($1.0) - 0x30) * $1.1 }
        return digits + String(Unicode.Scalar(characters[sum % 11]))
    }

    /// Decimal digits with zeros in front.
    static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(width - text.utf8.count, 0)) + text
    }
}
