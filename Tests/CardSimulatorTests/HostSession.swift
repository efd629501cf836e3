import Cryptography
import Octets

/// The static keys of a set as the issuer derives them.
struct HostKeys {
    let encryption: [UInt8]
    let authentication: [UInt8]
    let data: [UInt8]
    let cipher: BlockCipher

    /// FF from the lot's master, 30-3F from the issuer's, of the profile sheet's serial.
    static func derived(_ version: UInt8) -> HostKeys {
        let master = version == 0xFF ? Bench.lotMaster : Bench.issuerMaster
        let cipher: BlockCipher = (0x38...0x3F).contains(version) ? .sm4 : .aes128
        func key(_ role: String) -> [UInt8] {
            let label = Array("CC1/SCP03/\(role)".utf8)
            let message = [0, 0, 0, 1] + label + [0] + Bench.serial + [version] + [0, 0, 0, 0x80]
            return cmac(cipher, master, message)
        }
        return HostKeys(encryption: key("ENC"), authentication: key("MAC"), data: key("DEK"), cipher: cipher)
    }
}

func cmac(_ cipher: BlockCipher, _ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    (try? MessageAuthentication.cmac(cipher, key: SecretOctets(copying: key), message)) ?? []
}

func ecb(_ cipher: BlockCipher, _ key: [UInt8], _ block: [UInt8]) -> [UInt8] {
    (try? cipher.encryptECB(key: SecretOctets(copying: key), block)) ?? []
}

func cbc(_ cipher: BlockCipher, _ key: [UInt8], _ text: [UInt8], initial: [UInt8]? = nil) -> [UInt8] {
    let initial = initial ?? [UInt8](repeating: 0, count: cipher.blockLength)
    return (try? cipher.encryptCBC(key: SecretOctets(copying: key), initial: initial, text)) ?? []
}

/// The terminal's side of SCP03, written apart from the card's.
struct HostSession {
    let level: UInt8
    let cipher: BlockCipher
    let dataKey: [UInt8]
    let sEnc: [UInt8]
    let sMac: [UInt8]
    let sRmac: [UInt8]
    private let hostCryptogram: [UInt8]
    private(set) var chain = [UInt8](repeating: 0, count: 16)
    private var counter: UInt8 = 0

    init(keys: HostKeys, challenge: [UInt8], answer: [UInt8], _ level: UInt8) {
        self.level = level
        cipher = keys.cipher
        dataKey = keys.data
        let context = challenge + answer[13..<21]
        func derive(_ key: [UInt8], _ constant: UInt8, _ bits: UInt8) -> [UInt8] {
            let head = [UInt8](repeating: 0, count: 11) + [constant, 0, 0, bits, 1]
            return Array(cmac(keys.cipher, key, head + context).prefix(Int(bits) / 8))
        }
        sEnc = derive(keys.encryption, 4, 128)
        sMac = derive(keys.authentication, 6, 128)
        sRmac = derive(keys.authentication, 7, 128)
        hostCryptogram = derive(sMac, 1, 64)
    }

    mutating func externalAuthenticate() -> [UInt8] {
        mac([0x84, 0x82, level, 0x00], hostCryptogram)
    }

    mutating func wrap(_ plain: [UInt8]) -> [UInt8] {
        counter &+= 1
        var body = plain.count > 5 ? Array(plain[5..<5 + Int(plain[4])]) : []
        let le = plain.count == 5 ? [plain[4]] : plain.count > 5 + body.count ? [plain[5 + body.count]] : []
        if level & 2 != 0, !body.isEmpty {
            body += [0x80]
            while !body.count.isMultiple(of: 16) { body.append(0) }
            body = cbc(cipher, sEnc, body, initial: vector(0x00))
        }
        return mac([plain[0] | 4] + plain[1..<4], body) + le
    }

    func unwrap(_ reply: [UInt8]) -> [UInt8] {
        guard level & 0x10 != 0, reply.count >= 10 else { return reply }
        let status = Array(reply.suffix(2))
        let body = Array(reply.dropLast(10))
        guard cmac(cipher, sRmac, chain + body + status).prefix(8) == reply.dropLast(2).suffix(8) else {
            return [0xBA, 0xD0]
        }
        guard level & 0x20 != 0, !body.isEmpty else { return body + status }
        let key = SecretOctets(copying: sEnc)
        guard let clear = try? cipher.decryptCBC(key: key, initial: vector(0x80), body),
            let end = clear.lastIndex(of: 0x80)
        else { return [0xBA, 0xD1] }
        return clear[..<end] + status
    }

    private func vector(_ first: UInt8) -> [UInt8] {
        ecb(cipher, sEnc, [first] + [UInt8](repeating: 0, count: 14) + [counter])
    }

    private mutating func mac(_ head: [UInt8], _ body: [UInt8]) -> [UInt8] {
        let covered = head + [UInt8(body.count + 8)] + body
        chain = cmac(cipher, sMac, chain + covered)
        return covered + chain.prefix(8)
    }
}
