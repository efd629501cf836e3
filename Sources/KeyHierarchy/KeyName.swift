/// 密钥名 What a key is for, and which version of it: `card.issuer.scp03#1`, `card.transport.L001#1`.
///
/// The part before `#` is an instance of a class of `Keys/hierarchy.json`; one key has one purpose.
package struct KeyName: Hashable, Sendable, CustomStringConvertible {
    /// Why a text names no key.
    package enum Fault: Error, Hashable, Sendable { case malformed(String) }

    package let purpose: String
    package let version: UInt32

    /// Letters, digits, dots and hyphens, at most 64; versions count from 1.
    package init(_ purpose: String, version: UInt32 = 1) throws(Fault) {
        let isFit = purpose.utf8.allSatisfy { octet in
            (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
                || octet == 0x2E || octet == 0x2D
        }
        guard isFit, (1...64).contains(purpose.utf8.count), version > 0 else { throw .malformed(purpose) }
        self.purpose = purpose
        self.version = version
    }

    /// Reads `purpose#version`.
    package init(text: String) throws(Fault) {
        let parts = text.split(separator: "#", omittingEmptySubsequences: false)
        guard parts.count == 2, let version = UInt32(parts[1]), String(version) == parts[1] else {
            throw .malformed(text)
        }
        try self.init(String(parts[0]), version: version)
    }

    package var description: String { "\(purpose)#\(version)" }
}

/// 算法 What a key is a key of, with its number in a key block (CKB1, octet 5).
package enum KeyAlgorithm: String, Hashable, Sendable, CaseIterable {
    case aes256 = "AES-256"
    case aes128 = "AES-128"
    case sm4 = "SM4"
    case p256 = "P-256"
    case ed25519 = "Ed25519"
    case hmacSHA256 = "HMAC-SHA256"

    package var blockNumber: UInt8 {
        switch self {
        case .aes256: 0x01
        case .aes128: 0x02
        case .sm4: 0x03
        case .p256: 0x12
        case .ed25519: 0x13
        case .hmacSHA256: 0x21
        }
    }

    /// Octets of a secret key or of the seed of a pair; nil for a key pair that is made where it lives.
    package var secretLength: Int? {
        switch self {
        case .aes256, .hmacSHA256, .ed25519: 32
        case .aes128, .sm4: 16
        case .p256: nil
        }
    }
}

/// 用途 What a key may do, with its bit in a key block (CKB1, octets 6 and 7).
package enum KeyUsage: String, Hashable, Sendable, CaseIterable {
    case sign, mac, encrypt, decrypt, wrap, unwrap, derive

    package var bit: UInt16 {
        switch self {
        case .sign: 0x0001
        case .mac: 0x0004
        case .encrypt: 0x0010
        case .decrypt: 0x0020
        case .wrap: 0x0040
        case .unwrap: 0x0080
        case .derive: 0x0100
        }
    }
}
