package import Octets
package import Purses
import Cryptography

/// 消费 A purchase as a machine of the terminal: the software PSAM holds the city's purchase key and nothing else.
///
/// A grey line is kept before DEBIT leaves. At the next tap of the same card it is settled first: PROVE with a right
/// MAC2 makes it white and nothing is debited again; an unmoved counter and balance make it void (CC-1, 4.3).
package struct PursePurchase {
    /// What the terminal keeps before DEBIT leaves.
    package struct Grey: Hashable, Sendable {
        /// The line without a TAC.
        package let line: SettlementLine
        /// Of the card, four octets: what MAC2 of the proof depends on.
        package let random: [UInt8]

        /// As the terminal kept it.
        package init(line: SettlementLine, random: [UInt8]) {
            self.line = line
            self.random = random
        }
    }

    /// What happened.
    package enum Event {
        case presented
        case answered([ResponseAPDU])
        case stopped(at: Int, [ResponseAPDU])
        /// The grey line of `.record` is kept.
        case recorded
        /// What `.settled` or `.voided` told is kept.
        case noted
    }

    /// What the terminal does next.
    package enum Action {
        case send(CardScript)
        /// Keep the line, then come back with `.recorded`: DEBIT leaves only after that.
        case record(Grey)
        /// 灰变白 The earlier debit counts: its line with the TAC; come back with `.noted`.
        case settled(SettlementLine)
        /// The earlier debit never happened; come back with `.noted`.
        case voided(Grey)
        /// Paid; the line with its TAC.
        case paid(SettlementLine)
        case refused(Reason)
    }

    /// Why there was no purchase.
    package enum Reason: Hashable, Sendable {
        /// The card refused: 9401 is too little money.
        case refused(StatusWord)
        case malformed
        /// The card's issuer is not this city.
        case foreignCard
        case keyVersion
        /// MAC2 is not this card's: the money is gone or not, the line stays grey.
        case answerCode
        /// The earlier line is neither proven nor void: it stays grey.
        case undecided
        case cryptography
    }

    private enum Phase { case identify, prove, initialize, debit, settled }

    private let subject: PurseSubject
    private let cityKey: SecretBox
    private let issuerCode: [UInt8]
    private let terminalSequence: UInt32
    private let moment: PurseMoment
    private let pending: Grey?
    private var phase = Phase.identify
    private var cardNumber: [UInt8] = []
    private var made: Grey?
    private var mustCompare = false

    /// Keeps a secret that a machine's copies share.
    private final class SecretBox: Sendable {
        let secret: SecretOctets
        init(_ secret: consuming SecretOctets) { self.secret = secret }
    }

    /// `pending` is the terminal's last grey line, of whatever card.
    package init(
        amountFen: UInt32,
        terminal: [UInt8],
        terminalSequence: UInt32,
        moment: PurseMoment,
        issuerCode: [UInt8],
        cityKey: borrowing SecretOctets,
        pending: Grey? = nil
    ) {
        subject = PurseSubject(.purchase, amountFen: amountFen, terminal: terminal)
        self.terminalSequence = terminalSequence
        self.moment = moment
        self.issuerCode = issuerCode
        self.cityKey = SecretBox(cityKey.duplicate())
        self.pending = pending
    }

    /// What comes next after an event.
    package mutating func step(_ event: Event) -> Action {
        do {
            switch event {
            case .presented: return identify()
            case .answered(let responses): return try answered(responses)
            case .stopped(_, let responses): return .refused(.refused(responses.last?.status ?? StatusWord(0)))
            case .recorded: return try debit()
            case .noted: return phase == .initialize ? try recordOrDebit() : initialize()
            }
        } catch let reason as Reason { return .refused(reason) } catch { return .refused(.cryptography) }
    }

    private mutating func identify() -> Action {
        phase = .identify
        let script = selecting()
        script.plain(RelayedCommand(CommandAPDU(0x00, 0xB0, 0x95, 0x00, expected: 30)))
        return .send(script)
    }

    private mutating func answered(_ responses: [ResponseAPDU]) throws -> Action {
        guard let last = responses.last else { throw Reason.malformed }
        switch phase {
        case .identify:
            // EF15: issuer(8) type(1) version(1) serial(10) from(4) to(4) 0000.
            guard last.data.count == 30 else { throw Reason.malformed }
            guard last.data.prefix(3).elementsEqual(issuerCode) else { throw Reason.foreignCard }
            cardNumber = Array(last.data[10..<20])
            guard let pending, pending.line.cardNumber == Hex.encode(cardNumber) else { return initialize() }
            return prove(pending)
        case .prove:
            guard let pending else { throw Reason.malformed }
            mustCompare = true
            guard last.status.isSuccess else { return initialize() }
            guard last.data.count == 8 else { throw Reason.malformed }
            let codes = try codes(pending.line, pending.random)
            guard try constantTimeEquals(codes.answer(pending.line.subject), last.data.prefix(4)) else {
                throw Reason.undecided
            }
            phase = .settled
            mustCompare = false
            return .settled(pending.line.certified(Array(last.data.suffix(4))))
        case .initialize: return try opened(last.data)
        case .debit:
            guard let made, last.data.count == 8 else { throw Reason.malformed }
            let codes = try codes(made.line, made.random)
            guard try constantTimeEquals(codes.answer(made.line.subject), last.data.suffix(4)) else {
                throw Reason.answerCode
            }
            return .paid(made.line.certified(Array(last.data.prefix(4))))
        case .settled: throw Reason.malformed
        }
    }

    private mutating func prove(_ pending: Grey) -> Action {
        phase = .prove
        let script = CardScript()
        let ask = CommandAPDU(0x80, 0x5A, 0x00, 0x06, pending.line.sequence.bigEndianOctets, expected: 8)
        script.plain(RelayedCommand(ask, StatusPattern("9000|9406") ?? .success))
        return .send(script)
    }

    private mutating func initialize() -> Action {
        phase = .initialize
        let script = CardScript()
        let body = [0x01] + subject.amountFen.bigEndianOctets + subject.terminal
        script.plain(RelayedCommand(CommandAPDU(0x80, 0x50, 0x01, 0x02, body, expected: 15)))
        return .send(script)
    }

    /// balance(4) offlineSeq(2) overdraft(3) keyVer(1) alg(1) rnd(4).
    private mutating func opened(_ data: [UInt8]) throws -> Action {
        guard data.count == 15 else { throw Reason.malformed }
        guard data[9] == 1, let suite = PurseSuite(rawValue: data[10]) else { throw Reason.keyVersion }
        let balance = data[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let sequence = UInt16(data[4]) << 8 | UInt16(data[5])
        let line = SettlementLine(
            cardNumber: Hex.encode(cardNumber),
            subject: subject,
            balanceBeforeFen: balance,
            sequence: sequence,
            keyVersion: data[9],
            suite: suite,
            terminalSequence: terminalSequence,
            moment: moment,
            certificate: nil
        )
        made = Grey(line: line, random: Array(data[11..<15]))
        guard mustCompare, let pending else { return try recordOrDebit() }
        mustCompare = false
        guard pending.line.sequence == sequence, pending.line.balanceBeforeFen == balance else {
            throw Reason.undecided
        }
        return .voided(pending)
    }

    private func recordOrDebit() throws -> Action {
        guard let made else { throw Reason.malformed }
        return .record(made)
    }

    private mutating func debit() throws -> Action {
        guard let made, phase == .initialize else { throw Reason.malformed }
        phase = .debit
        let code = try codes(made.line, made.random).debit(subject, moment)
        let body = terminalSequence.bigEndianOctets + moment.octets + code
        let script = CardScript()
        script.plain(RelayedCommand(CommandAPDU(0x80, 0x54, 0x01, 0x00, body, expected: 8)))
        return .send(script)
    }

    private func codes(_ line: SettlementLine, _ random: [UInt8]) throws -> PurchaseCodes {
        let key = try line.suite.diversified(cityKey.secret, by: Array(cardNumber.suffix(8)))
        return try PurchaseCodes(
            line.suite,
            key: key,
            random: random,
            sequence: line.sequence,
            terminalSequence: line.terminalSequence
        )
    }

    private func selecting() -> CardScript {
        let script = CardScript()
        script.plain(RelayedCommand(CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.purse, expected: 256), .selected))
        return script
    }
}

extension PursePurchase.Reason: Error {}

extension SettlementLine {
    /// The same line with the card's TAC: white.
    package func certified(_ certificate: [UInt8]) -> SettlementLine {
        SettlementLine(
            cardNumber: cardNumber,
            subject: subject,
            balanceBeforeFen: balanceBeforeFen,
            sequence: sequence,
            keyVersion: keyVersion,
            suite: suite,
            terminalSequence: terminalSequence,
            moment: moment,
            certificate: certificate
        )
    }
}
