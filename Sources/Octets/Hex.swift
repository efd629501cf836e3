/// Hexadecimal text, RFC 4648 clause 8: two digits an octet, nothing between them.
package enum Hex {
    /// Why a text is not hexadecimal.
    package enum Fault: Error, Hashable, Sendable {
        case oddLength(Int)
        case notADigit(offset: Int)
    }

    /// Lower-case digits of the octets.
    package static func encode(_ octets: some Sequence<UInt8>) -> String {
        digits(octets, table: Array("0123456789abcdef".utf8))
    }

    /// Upper-case digits of the octets, the form card people read.
    package static func encodeUpper(_ octets: some Sequence<UInt8>) -> String {
        digits(octets, table: Array("0123456789ABCDEF".utf8))
    }

    /// Reads digits of either case; throws `oddLength` or `notADigit`.
    package static func decode(_ text: some StringProtocol) throws(Fault) -> [UInt8] {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { throw .oddLength(digits.count) }
        var octets: [UInt8] = []
        octets.reserveCapacity(digits.count / 2)
        for offset in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[offset]) else { throw .notADigit(offset: offset) }
            guard let low = value(digits[offset + 1]) else { throw .notADigit(offset: offset + 1) }
            octets.append(high << 4 | low)
        }
        return octets
    }

    private static func digits(_ octets: some Sequence<UInt8>, table: [UInt8]) -> String {
        var text: [UInt8] = []
        for octet in octets {
            text.append(table[Int(octet >> 4)])
            text.append(table[Int(octet & 0x0F)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
