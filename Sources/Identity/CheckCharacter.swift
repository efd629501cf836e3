/// 校验码 ISO 7064 MOD 11-2 as GB 11643-1999 uses it.
enum CheckCharacter {
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let characters = Array("10X98765432".utf8)

    /// The check character of seventeen ASCII digits; the caller has checked both.
    static func of(_ digits: ArraySlice<UInt8>) -> UInt8 {
        var sum = 0
        var place = digits.startIndex
        for weight in weights where place < digits.endIndex {
            sum += (Int(digits[place]) - 0x30) * weight
            place += 1
        }
        return characters[sum % 11]
    }
}
