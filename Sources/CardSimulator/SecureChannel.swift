import Cryptography
import Octets

/// 安全通道 The card's side of SCP03 (GlobalPlatform Amendment D 1.1.1), with AES-128 or, our variant, SM4.
struct SecureChannel: Hashable, Sendable {
    /// i = 70: pseudo-random challenge, R-MAC and R-ENC, MACs of eight octets.
    static let option: UInt8 = 0x70
    static let levels: Set<UInt8> = [0x01, 0x03, 0x11, 0x13, 0x33]
    /// The most plain octets of an answer or a STORE DATA block.
    static let mostPlain = 239

    /// Between INITIALIZE UPDATE and EXTERNAL AUTHENTICATE.
    struct Handshake: Hashable, Sendable {
        let set: KeySet
        let hostChallenge: [UInt8]
        let cardChallenge: [UInt8]

        init(set: KeySet, hostChallenge: [UInt8], application: [UInt8]) throws(StatusWord) {
            self.set = set
            self.hostChallenge = hostChallenge
            cardChallenge = try derive(
                set.cipher,
                key: set.encryption,
                constant: 0x02,
                bits: 64,
                context: set.sequence.bigEndianOctets.suffix(3) + application
            )
        }

        private var context: [UInt8] { hostChallenge + cardChallenge }

        /// The answer to INITIALIZE UPDATE.
        func answer(serial: [UInt8]) throws(StatusWord) -> [UInt8] {
            let cryptogram = try derive(
                set.cipher,
                key: try sessionKey(0x06, set.authentication),
                constant: 0x00,
                bits: 64,
                context: context
            )
            let head = serial + [set.version, 0x03, option] + cardChallenge
            return head + cryptogram + set.sequence.bigEndianOctets.suffix(3)
        }

        /// Checks EXTERNAL AUTHENTICATE; throws 6300 when the cryptogram or the MAC is wrong.
        func opened(by command: Command) throws(StatusWord) -> SecureChannel {
            var channel = SecureChannel(
                level: command.p1,
                set: set,
                encryption: try sessionKey(0x04, set.encryption),
                authentication: try sessionKey(0x06, set.authentication),
                answer: try sessionKey(0x07, set.authentication)
            )
            guard try channel.accepts(command, context: context) else { throw .authenticationFailed }
            return channel
        }

        private func sessionKey(_ constant: UInt8, _ key: [UInt8]) throws(StatusWord) -> [UInt8] {
            try derive(set.cipher, key: key, constant: constant, bits: 128, context: context)
        }
    }

    let level: UInt8
    /// The key set it was opened with, for the static DEK and the kind of access.
    let set: KeySet
    let encryption: [UInt8]
    let authentication: [UInt8]
    let answer: [UInt8]
    private(set) var chain = [UInt8](repeating: 0, count: 16)
    private(set) var counter: UInt64 = 0

    init(level: UInt8, set: KeySet, encryption: [UInt8], authentication: [UInt8], answer: [UInt8]) {
        self.level = level
        self.set = set
        self.encryption = encryption
        self.authentication = authentication
        self.answer = answer
    }

    /// A channel in the middle of a session, for the published traces.
    init(resuming other: SecureChannel, chain: [UInt8], counter: UInt64) {
        self = other
        self.chain = chain
        self.counter = counter
    }

    private var cipher: BlockCipher { self.set.cipher }

    /// Whether EXTERNAL AUTHENTICATE shows the host's cryptogram over both challenges, under a right MAC.
    mutating func accepts(_ command: Command, context: [UInt8]) throws(StatusWord) -> Bool {
        let expected = try derive(cipher, key: authentication, constant: 0x01, bits: 64, context: context)
        guard let shown = try authenticated(command) else { return false }
        return constantTimeEquals(shown, expected)
    }

    /// The plain command of a wrapped one; nil when its MAC or padding is wrong. Chain and counter move.
    mutating func unwrapped(_ command: Command) throws(StatusWord) -> Command? {
        counter += 1
        guard let body = try authenticated(command) else { return nil }
        var plain = command
        plain.cla &= ~0x04
        plain.data = body
        guard level & 0x02 != 0, !body.isEmpty else { return plain }
        guard body.count.isMultiple(of: 16) else { return nil }
        let initial = try cipher.encrypted(block(0x00), key: encryption)
        guard let clear = unpadded(try cipher.unchained(body, key: encryption, initial: initial)) else { return nil }
        plain.data = clear
        return plain
    }

    /// The answer as the level wants it; an error leaves bare.
    func wrapped(_ reply: Reply) throws(StatusWord) -> Reply {
        guard level & 0x10 != 0, reply.status.isProtected else { return reply }
        var body = reply.data
        if level & 0x20 != 0, !body.isEmpty {
            let initial = try cipher.encrypted(block(0x80), key: encryption)
            body = try cipher.chained(padded(body, to: 16), key: encryption, initial: initial)
        }
        let code = try cipher.code(of: chain + body + reply.status.octets, key: answer)
        return Reply(data: body + code.prefix(8), status: reply.status)
    }

    /// The data without its MAC when that holds; the chain moves in any case that has a MAC.
    private mutating func authenticated(_ command: Command) throws(StatusWord) -> [UInt8]? {
        guard command.data.count >= 8 else { return nil }
        let body = Array(command.data.dropLast(8))
        let head = [command.cla | 0x04, command.ins, command.p1, command.p2, UInt8(command.data.count)]
        let code = try cipher.code(of: chain + head + body, key: authentication)
        guard constantTimeEquals(code.prefix(8), command.data.suffix(8)) else { return nil }
        chain = code
        return body
    }

    /// The counter as a block; the first octet tells command from answer.
    private func block(_ first: UInt8) -> [UInt8] {
        [first] + [UInt8](repeating: 0, count: 7) + counter.bigEndianOctets
    }
}

/// SP 800-108 in counter mode as SCP03 uses it: 11 x 00 ‖ constant ‖ 00 ‖ bits(2) ‖ i ‖ context; one block suffices.
private func derive(
    _ cipher: BlockCipher,
    key: [UInt8],
    constant: UInt8,
    bits: UInt16,
    context: [UInt8]
) throws(StatusWord) -> [UInt8] {
    let head = [UInt8](repeating: 0, count: 11) + [constant, 0x00] + bits.bigEndianOctets + [0x01]
    return Array(try cipher.code(of: head + context, key: key).prefix(Int(bits) / 8))
}
