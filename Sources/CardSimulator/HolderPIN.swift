import Octets

/// PIN 与 PUK The holder's PIN, one object for all applications, and the PUK that unblocks it (profile CC-1, 2.7).
struct HolderPIN: Codable, Hashable, Sendable {
    /// A reference value with its counter.
    struct Reference: Codable, Hashable, Sendable {
        @Hexadecimal var value: [UInt8]
        var tries: Int
        var triesLeft: Int

        init(_ value: [UInt8], tries: Int) {
            self.value = value
            self.tries = tries
            triesLeft = tries
        }

        /// Compares in constant time; throws 6983 when blocked, 63Cx when wrong.
        mutating func check(_ presented: [UInt8]) throws(StatusWord) {
            guard triesLeft > 0 else { throw .blocked }
            guard constantTimeEquals(value, presented) else {
                triesLeft -= 1
                throw .triesLeft(triesLeft)
            }
            triesLeft = tries
        }
    }

    var pin: Reference
    var puk: Reference
    /// 运输密码 A transport PIN: it can be verified, but opens no private key before the holder changed it.
    var isTransport: Bool

    /// The values of a blank.
    static let blank = HolderPIN(
        pin: Reference(Array("123456".utf8) + [0xFF, 0xFF], tries: 3),
        puk: Reference(Array("12345678".utf8), tries: 3),
        isTransport: false
    )

    /// Six to eight ASCII digits, filled with FF to eight octets.
    static func isWellFormed(_ octets: [UInt8]) -> Bool {
        let digits = octets.prefix { $0 != 0xFF }
        return octets.count == 8 && digits.count >= 6 && digits.allSatisfy { (0x30...0x39).contains($0) }
            && octets.dropFirst(digits.count).allSatisfy { $0 == 0xFF }
    }
}
