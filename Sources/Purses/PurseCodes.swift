package import Cryptography
package import Octets

/// 圈存 The two codes of a load: MAC1 proves the card's balance and counter, MAC2 lets the value in (CC-1, 3.4).
package struct LoadCodes: ~Copyable {
    private let suite: PurseSuite
    private let session: SecretOctets

    /// X = rnd ‖ online sequence ‖ 8000 under the card's load key.
    package init(
        _ suite: PurseSuite,
        key: borrowing SecretOctets,
        random: [UInt8],
        sequence: UInt16
    ) throws(CryptographyFault) {
        self.suite = suite
        session = try suite.sessionKey(key, random + sequence.bigEndianOctets + [0x80, 0x00])
    }

    /// MAC1 of the card.
    package func opening(balanceFen: UInt32, _ subject: PurseSubject) throws(CryptographyFault) -> [UInt8] {
        try suite.code(session, balanceFen.bigEndianOctets + subject.octets)
    }

    /// MAC2 of the service.
    package func credit(_ subject: PurseSubject, _ moment: PurseMoment) throws(CryptographyFault) -> [UInt8] {
        try suite.code(session, subject.octets + moment.octets)
    }
}

/// 消费 The two codes of a purchase: MAC1 of the terminal, MAC2 of the card. The record of a composite purchase enters
/// MAC1 under SM4 alone: 3DES is what terminals in the field compute.
package struct PurchaseCodes: ~Copyable {
    private let suite: PurseSuite
    private let session: SecretOctets

    /// X = rnd ‖ offline sequence ‖ the last two octets of the terminal's sequence under the card's purchase key.
    package init(
        _ suite: PurseSuite,
        key: borrowing SecretOctets,
        random: [UInt8],
        sequence: UInt16,
        terminalSequence: UInt32
    ) throws(CryptographyFault) {
        self.suite = suite
        let tail = terminalSequence.bigEndianOctets.suffix(2)
        session = try suite.sessionKey(key, random + sequence.bigEndianOctets + tail)
    }

    /// MAC1.
    package func debit(
        _ subject: PurseSubject,
        _ moment: PurseMoment,
        record: [UInt8] = []
    ) throws(CryptographyFault) -> [UInt8] {
        try suite.code(session, subject.octets + moment.octets + (suite == .sm4 ? record : []))
    }

    /// MAC2.
    package func answer(_ subject: PurseSubject) throws(CryptographyFault) -> [UInt8] {
        try suite.code(session, subject.amountFen.bigEndianOctets)
    }
}

/// 交易认证码 TAC: what the card leaves behind of a transaction; only who holds its DTK can check it.
package enum TransactionCertificate {
    /// Of a load; `sequence` as INITIALIZE showed it, `balanceFen` after the load.
    package static func load(
        _ suite: PurseSuite,
        key: borrowing SecretOctets,
        balanceFen: UInt32,
        sequence: UInt16,
        _ subject: PurseSubject,
        _ moment: PurseMoment
    ) throws(CryptographyFault) -> [UInt8] {
        let message = balanceFen.bigEndianOctets + sequence.bigEndianOctets + subject.octets + moment.octets
        return try suite.code(suite.certificateKey(key), message)
    }

    /// Of a purchase or a composite one.
    package static func purchase(
        _ suite: PurseSuite,
        key: borrowing SecretOctets,
        terminalSequence: UInt32,
        _ subject: PurseSubject,
        _ moment: PurseMoment,
        record: [UInt8] = []
    ) throws(CryptographyFault) -> [UInt8] {
        let message = subject.octets + terminalSequence.bigEndianOctets + moment.octets
        return try suite.code(suite.certificateKey(key), message + (suite == .sm4 ? record : []))
    }
}
