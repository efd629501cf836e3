/// Base64 and base64url of RFC 4648 without slack: one text for one octet string.
///
/// Refused: line breaks, missing or surplus padding, non-zero spare bits, characters of the other alphabet.
package enum Base64 {
    /// Why a text is not base64.
    package enum Fault: Error, Hashable, Sendable {
        case length(Int)
        case notADigit(offset: Int)
        case spareBits
    }

    /// The two alphabets of RFC 4648, clauses 4 and 5. `url` carries no padding.
    package enum Alphabet: Sendable {
        case standard
        case url
    }

    /// The text of the octets; padded for `standard`, unpadded for `url`.
    package static func encode(_ octets: some Collection<UInt8>, _ alphabet: Alphabet = .standard) -> String {
        let table = alphabet == .standard ? standardDigits : urlDigits
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count = 0
        for octet in octets {
            bits = bits << 8 | UInt32(octet)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(table[Int(bits >> UInt32(count) & 0x3F)])
            }
        }
        if count > 0 { text.append(table[Int(bits << UInt32(6 - count) & 0x3F)]) }
        if alphabet == .standard { while !text.count.isMultiple(of: 4) { text.append(0x3D) } }
        return String(decoding: text, as: UTF8.self)
    }

    /// The octets of the whole text; throws on any slack.
    package static func decode(_ text: some StringProtocol, _ alphabet: Alphabet = .standard) throws(Fault) -> [UInt8] {
        var digits = Array(text.utf8)
        let length = digits.count
        if alphabet == .standard {
            guard length.isMultiple(of: 4) else { throw .length(length) }
            for _ in 0..<2 where digits.last == 0x3D { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else { throw .length(length) }
        var octets: [UInt8] = []
        octets.reserveCapacity(digits.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for (offset, digit) in digits.enumerated() {
            guard let value = value(digit, alphabet) else { throw .notADigit(offset: offset) }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        guard bits & ((1 << UInt32(count)) - 1) == 0 else { throw .spareBits }
        return octets
    }

    private static let standardDigits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let urlDigits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func value(_ digit: UInt8, _ alphabet: Alphabet) -> UInt32? {
        switch digit {
        case 0x41...0x5A: UInt32(digit - 0x41)
        case 0x61...0x7A: UInt32(digit - 0x61 + 26)
        case 0x30...0x39: UInt32(digit - 0x30 + 52)
        case 0x2B where alphabet == .standard, 0x2D where alphabet == .url: 62
        case 0x2F where alphabet == .standard, 0x5F where alphabet == .url: 63
        default: nil
        }
    }
}

/// Base32 of RFC 4648 clause 6, without padding: the form of TOTP secrets.
package enum Base32 {
    /// Upper-case digits, no padding.
    package static func encode(_ octets: some Collection<UInt8>) -> String {
        let table = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for octet in octets {
            bits = bits << 8 | UInt32(octet)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(table[Int(bits >> UInt32(count) & 0x1F)])
            }
        }
        if count > 0 { text.append(table[Int(bits << UInt32(5 - count) & 0x1F)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
