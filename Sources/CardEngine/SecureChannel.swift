package import Cryptography
package import Octets

/// 卡片主控密钥组 The three keys of one issuer key set in one card (GlobalPlatform 2.3, 11.1.8): ENC, MAC, DEK.
package final class CardKeySet: Sendable {
    /// KVN: FF transport, 30-37 issuer AES-128, 38-3F issuer SM4.
    package let version: UInt8
    let encryption: SecretOctets
    let authentication: SecretOctets
    let dataEncryption: SecretOctets

    package init(
        version: UInt8,
        encryption: consuming SecretOctets,
        authentication: consuming SecretOctets,
        dataEncryption: consuming SecretOctets
    ) {
        self.version = version
        self.encryption = encryption
        self.authentication = authentication
        self.dataEncryption = dataEncryption
    }

    /// The cipher of the set: SM4 for 38-3F, else AES-128.
    package var cipher: BlockCipher { (0x38...0x3F).contains(version) ? .sm4 : .aes128 }
}

/// 安全通道 One SCP03 session at level 33, from the host's side (GlobalPlatform Amendment D 1.1.1; SM4 by CC-1 3.1).
///
/// The card's challenge is pseudo-random, so a whole session can be computed ahead from the sequence counter and sent
/// as one batch; what comes back is checked afterwards, before anything counts as done.
package final class SecureChannel {
    /// Why an answer proves nothing.
    package enum Fault: Error, Hashable, Sendable {
        /// The answer to INITIALIZE UPDATE has a wrong form.
        case malformed
        /// Another card answered.
        case otherCard(csn: [UInt8])
        /// The counter stands elsewhere: start again from this value.
        case sequence(UInt32)
        /// The card does not know the keys: it is not ours, or a wrong set was chosen.
        case cryptogram
        /// The card's answer was altered, or comes from another command.
        case responseMAC(index: Int)
        /// The card refused; an error word carries no R-MAC, so nothing is proven by it.
        case refused(index: Int, StatusWord)
        case cryptography(CryptographyFault)
    }

    private enum Direction { case command, response }

    /// The state a wrapped command left behind, needed to check its answer.
    private struct Sent {
        let chain: [UInt8]
        let counter: UInt64
    }

    private let keys: CardKeySet
    private let csn: [UInt8]
    private let hostChallenge: [UInt8]
    private let sequence: UInt32
    private let cardChallenge: [UInt8]
    private let cardCryptogram: [UInt8]
    private let hostCryptogram: [UInt8]
    private let sessionEncryption: SecretOctets
    private let sessionMAC: SecretOctets
    private let sessionResponseMAC: SecretOctets
    private var chain = [UInt8](repeating: 0, count: 16)
    private var counter: UInt64 = 0
    private var sent: [Sent] = []

    /// A session that will stand when the card's counter moves to `sequence` (the stored value plus one).
    package init(
        keys: CardKeySet,
        csn: [UInt8],
        application: [UInt8],
        sequence: UInt32,
        hostChallenge: [UInt8]
    ) throws(CryptographyFault) {
        guard csn.count == 10, hostChallenge.count == 8 else { throw .invalid("serial number or challenge") }
        self.keys = keys
        self.csn = csn
        self.sequence = sequence
        self.hostChallenge = hostChallenge
        let counterOctets = Array(sequence.bigEndianOctets.suffix(3))
        let cipher = keys.cipher
        cardChallenge = try Self.derive(cipher, keys.encryption, 0x02, 0x40, counterOctets + application)
        let context = hostChallenge + cardChallenge
        cardCryptogram = try Self.derive(cipher, keys.authentication, 0x00, 0x40, context, session: 0x06)
        hostCryptogram = try Self.derive(cipher, keys.authentication, 0x01, 0x40, context, session: 0x06)
        sessionEncryption = try Self.sessionKey(cipher, keys.encryption, 0x04, context)
        sessionMAC = try Self.sessionKey(cipher, keys.authentication, 0x06, context)
        sessionResponseMAC = try Self.sessionKey(cipher, keys.authentication, 0x07, context)
    }

    /// INITIALIZE UPDATE.
    package var initializeUpdate: CommandAPDU {
        CommandAPDU(0x80, 0x50, keys.version, 0x00, hostChallenge, expected: 256)
    }

    /// EXTERNAL AUTHENTICATE at level 33: C-MAC, C-DEC, R-MAC, R-ENC.
    package func externalAuthenticate() throws(CryptographyFault) -> CommandAPDU {
        let head: [UInt8] = [0x84, 0x82, 0x33, 0x00, 0x10]
        chain = try mac(sessionMAC, chain + head + hostCryptogram)
        return CommandAPDU(0x84, 0x82, 0x33, 0x00, hostCryptogram + chain.prefix(8))
    }

    /// Enciphers and authenticates a command of at most 239 octets of data.
    package func wrap(_ command: CommandAPDU) throws(CryptographyFault) -> CommandAPDU {
        counter += 1
        var data = command.data
        if !data.isEmpty {
            data = try keys.cipher.encryptCBC(
                key: sessionEncryption,
                initial: try initialVector(counter, .command),
                Self.padded(data)
            )
        }
        let cla = command.cla | 0x04
        let head = [cla, command.ins, command.p1, command.p2, UInt8(data.count + 8)]
        chain = try mac(sessionMAC, chain + head + data)
        sent.append(Sent(chain: chain, counter: counter))
        return CommandAPDU(
            cla,
            command.ins,
            command.p1,
            command.p2,
            data + chain.prefix(8),
            expected: command.expected ?? 256
        )
    }

    /// Enciphers the value of a secret data group under the set's static DEK (CBC, IV 0); whole blocks only.
    package func sealed(_ secret: [UInt8]) throws(CryptographyFault) -> [UInt8] {
        try keys.cipher.encryptCBC(
            key: keys.dataEncryption,
            initial: [UInt8](repeating: 0, count: 16),
            secret
        )
    }

    /// Checks the answer to INITIALIZE UPDATE: the right card, the counter foreseen, the keys known.
    package func check(initializeAnswer data: [UInt8]) throws(Fault) {
        guard data.count == 32, data[10] == keys.version, data[11] == 0x03, data[12] == 0x70 else { throw .malformed }
        guard Array(data.prefix(10)) == csn else { throw .otherCard(csn: Array(data.prefix(10))) }
        let actual = data.suffix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard actual == sequence else { throw .sequence(actual) }
        guard constantTimeEquals(data[13..<21], cardChallenge), constantTimeEquals(data[21..<29], cardCryptogram) else {
            throw .cryptogram
        }
    }

    /// The plain answer to the wrapped command of an index (in the order of `wrap`).
    package func unwrap(_ response: ResponseAPDU, index: Int) throws(Fault) -> ResponseAPDU {
        guard response.status.isAuthenticated else { throw .refused(index: index, response.status) }
        guard sent.indices.contains(index), response.data.count >= 8 else { throw .responseMAC(index: index) }
        let body = Array(response.data.dropLast(8))
        do throws(CryptographyFault) {
            let status = response.status.rawValue.bigEndianOctets
            let expected = try mac(sessionResponseMAC, sent[index].chain + body + status)
            guard constantTimeEquals(expected.prefix(8), response.data.suffix(8)) else {
                throw CryptographyFault.authentication
            }
            guard !body.isEmpty else { return ResponseAPDU([], response.status) }
            let vector = try initialVector(sent[index].counter, .response)
            let padded = try keys.cipher.decryptCBC(key: sessionEncryption, initial: vector, body)
            guard let plain = Self.unpadded(padded) else { throw CryptographyFault.authentication }
            return ResponseAPDU(plain, response.status)
        } catch {
            guard error == .authentication else { throw .cryptography(error) }
            throw .responseMAC(index: index)
        }
    }

    private func mac(_ key: borrowing SecretOctets, _ message: [UInt8]) throws(CryptographyFault) -> [UInt8] {
        try MessageAuthentication.cmac(keys.cipher, key: key, message)
    }

    private func initialVector(_ counter: UInt64, _ direction: Direction) throws(CryptographyFault) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 8) + counter.bigEndianOctets
        if direction == .response { block[0] = 0x80 }
        return try keys.cipher.encryptECB(key: sessionEncryption, block)
    }

    /// One derived value (Amendment D, 4.1.5). With `session`, the key is first turned into that session key.
    private static func derive(
        _ cipher: BlockCipher,
        _ key: borrowing SecretOctets,
        _ constant: UInt8,
        _ bits: UInt8,
        _ context: [UInt8],
        session: UInt8? = nil
    ) throws(CryptographyFault) -> [UInt8] {
        let head = [UInt8](repeating: 0, count: 11)
        if let session {
            let own = try sessionKey(cipher, key, session, context)
            let block = try MessageAuthentication.cmac(cipher, key: own, head + [constant, 0, 0, bits, 1] + context)
            return Array(block.prefix(Int(bits) / 8))
        }
        let block = try MessageAuthentication.cmac(cipher, key: key, head + [constant, 0, 0, bits, 1] + context)
        return Array(block.prefix(Int(bits) / 8))
    }

    private static func sessionKey(
        _ cipher: BlockCipher,
        _ key: borrowing SecretOctets,
        _ constant: UInt8,
        _ context: [UInt8]
    ) throws(CryptographyFault) -> SecretOctets {
        var octets = try derive(cipher, key, constant, 0x80, context)
        return SecretOctets(wiping: &octets)
    }

    private static func padded(_ data: [UInt8]) -> [UInt8] {
        let padded = data + [0x80]
        return padded + [UInt8](repeating: 0, count: (16 - padded.count % 16) % 16)
    }

    private static func unpadded(_ data: [UInt8]) -> [UInt8]? {
        guard let end = data.lastIndex(where: { $0 != 0 }), data[end] == 0x80, data.count - end <= 16 else {
            return nil
        }
        return Array(data.prefix(end))
    }
}
