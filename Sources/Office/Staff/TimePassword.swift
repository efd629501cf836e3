import Cryptography
import Octets

/// 动态口令 Time-based one-time password (RFC 6238): 6 digits, 30 s, SHA-1, one step of tolerance.
package enum TimePassword {
    /// The code of a step (seconds since 1970 divided by 30).
    package static func code(secret: [UInt8], step: Int64) -> String {
        let tag = Insecure.hmacSHA1(key: secret, step.bigEndianOctets)
        let offset = Int(tag[19] & 0x0F)
        let number = tag[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The step whose code was given, at most one away from now and after the last one used; nil for a wrong or used code.
    package static func step(of code: String, secret: [UInt8], seconds: Int64, after used: Int64) -> Int64? {
        let now = seconds / 30
        return [now, now - 1, now + 1].first { step in
            step > used && constantTimeEquals(Self.code(secret: secret, step: step).utf8.map(\.self), Array(code.utf8))
        }
    }
}
