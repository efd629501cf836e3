package import Cryptography
package import Octets

/// 钱包算法 Which cipher the keys of a purse are for; the number is the card's own (CC-1, 2.8).
package enum PurseSuite: UInt8, Hashable, Sendable, CaseIterable {
    /// 3DES as cards in the field compute it.
    case tripleDES = 0x00
    /// SM4, our choice (CC-1, 3.4).
    case sm4 = 0x04

    private var cipher: BlockCipher { self == .sm4 ? .sm4 : .tripleDES2 }

    /// 会话密钥 3DES(K, X), 8 octets; SM4(K, X ‖ ~X), 16 octets.
    package func sessionKey(
        _ key: borrowing SecretOctets,
        _ input: [UInt8]
    ) throws(CryptographyFault) -> SecretOctets {
        let block = self == .sm4 ? input + input.map { ~$0 } : input
        var octets = try cipher.encryptECB(key: key, block)
        return SecretOctets(wiping: &octets)
    }

    /// 密钥分散 The key one level below: E(K, D) ‖ E(K, ~D), D of 8 octets (CC-1, 3.2).
    package func diversified(
        _ master: borrowing SecretOctets,
        by factor: [UInt8]
    ) throws(CryptographyFault) -> SecretOctets {
        guard factor.count == 8 else { throw .invalid("factor of \(factor.count) octets") }
        var octets = try cipher.encryptECB(key: master, factor + factor.map { ~$0 })
        return SecretOctets(wiping: &octets)
    }

    /// MAC 与 TAC The first four octets of a CBC-MAC with IV 0 over a message padded with 80 00…, always.
    package func code(_ key: borrowing SecretOctets, _ message: [UInt8]) throws(CryptographyFault) -> [UInt8] {
        let length = cipher.blockLength
        var padded = message + [0x80]
        padded += [UInt8](repeating: 0, count: (length - padded.count % length) % length)
        let initial = [UInt8](repeating: 0, count: length)
        // OpenSSL 3 keeps single DES in its legacy provider: two-key 3DES with one key twice is the same.
        let whole = key.count == 8 ? doubled(key) : key.duplicate()
        return Array(try cipher.encryptCBC(key: whole, initial: initial, padded).suffix(length).prefix(4))
    }

    /// TAC 密钥 DTK left XOR right for 3DES, DTK itself for SM4.
    package func certificateKey(_ key: borrowing SecretOctets) -> SecretOctets {
        guard self == .tripleDES else { return key.duplicate() }
        var folded = unsafe key.withUnsafeOctets { octets in
            unsafe zip(octets.prefix(8), octets.suffix(8)).map { $0 ^ $1 }
        }
        return SecretOctets(wiping: &folded)
    }

    private func doubled(_ key: borrowing SecretOctets) -> SecretOctets {
        var twice = unsafe key.withUnsafeOctets { octets in unsafe Array(octets) + Array(octets) }
        return SecretOctets(wiping: &twice)
    }
}
