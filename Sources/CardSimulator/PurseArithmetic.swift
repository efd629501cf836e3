import Cryptography
import Octets

/// 钱包算法 Session keys, MACs and TACs of the purse: 3DES after PBOC, SM4 as our choice (profile CC-1, 3.4).
enum PurseArithmetic {
    /// The eight octets X of a load.
    static func loadInput(random: [UInt8], sequence: UInt16) -> [UInt8] {
        random + sequence.bigEndianOctets + [0x80, 0x00]
    }

    /// The eight octets X of a purchase, with the terminal's last two.
    static func purchaseInput(random: [UInt8], sequence: UInt16, terminalSequence: [UInt8]) -> [UInt8] {
        random + sequence.bigEndianOctets + terminalSequence.suffix(2)
    }

    /// 3DES(K, X), eight octets; SM4(K, X ‖ ~X), sixteen.
    static func sessionKey(_ key: KeyRecord, _ input: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard key.cipher == .sm4 else { return try key.cipher.encrypted(input, key: key.key) }
        return try key.cipher.encrypted(input + input.map { ~$0 }, key: key.key)
    }

    /// The first four octets of a CBC-MAC with IV 0 and padding 80 00…; a key of eight octets means single DES.
    static func code(_ key: [UInt8], _ message: [UInt8]) throws(StatusWord) -> [UInt8] {
        // OpenSSL 3 has single DES in its legacy provider alone: 3DES with one key twice is the same.
        let cipher: BlockCipher = key.count == 8 ? .tripleDES2 : .sm4
        let whole = key.count == 8 ? key + key : key
        let block = cipher.blockLength
        let zero = [UInt8](repeating: 0, count: block)
        let chained = try cipher.chained(padded(message, to: block), key: whole, initial: zero)
        return Array(chained.suffix(block).prefix(4))
    }

    /// TAC 密钥 DTK left XOR right for 3DES, DTK itself for SM4.
    static func certificateKey(_ key: KeyRecord) -> [UInt8] {
        guard key.cipher != .sm4 else { return key.key }
        return zip(key.key.prefix(8), key.key.suffix(8)).map { $0 ^ $1 }
    }
}
