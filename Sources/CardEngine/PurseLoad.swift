import Octets
package import Purses
import Cryptography

/// 圈存 A load as a machine of the service (CC-1, 4.3): what the card proves decides, never what was sent.
///
/// INITIALIZE shows balance and counter under MAC1; CREDIT goes out once, after the caller has committed `.record`. When
/// its answer is lost, GET TRANSACTION PROVE is asked: a right TAC commits. Otherwise a fresh INITIALIZE with unmoved
/// counter and balance proves that nothing was loaded and kills the old MAC2. Anything else is for a person.
package struct PurseLoad {
    /// What is kept before CREDIT leaves; enough to judge the card's proof after any restart.
    package struct Attempt: Hashable, Sendable {
        /// 联机交易序号 As INITIALIZE FOR LOAD showed it.
        package let sequence: UInt16
        /// Of the card, four octets.
        package let random: [UInt8]
        /// What the card held, in fen, proven by MAC1.
        package let balanceFen: UInt32
        /// Of the card's load key.
        package let keyVersion: UInt8
        /// Of the card's purse keys.
        package let suite: PurseSuite
        /// Goes into MAC2 and TAC.
        package let moment: PurseMoment

        /// As it was kept.
        package init(
            sequence: UInt16,
            random: [UInt8],
            balanceFen: UInt32,
            keyVersion: UInt8,
            suite: PurseSuite,
            moment: PurseMoment
        ) {
            self.sequence = sequence
            self.random = random
            self.balanceFen = balanceFen
            self.keyVersion = keyVersion
            self.suite = suite
            self.moment = moment
        }
    }

    /// What happened.
    package enum Event {
        /// The right chip lies there.
        case presented
        case answered([ResponseAPDU])
        case stopped(at: Int, [ResponseAPDU])
        /// The attempt of `.record` is committed.
        case recorded
    }

    /// What the caller does next.
    package enum Action {
        case send(CardScript, step: String)
        /// Commit this, then come back with `.recorded`: CREDIT leaves only after that.
        case record(Attempt)
        /// The card has proven the load: its TAC, and what it holds now.
        case committed(certificate: [UInt8], balanceFen: UInt32, Attempt)
        /// Nothing was loaded, and it is proven or nothing was sent.
        case void(Reason)
        /// The card's state contradicts what is known: a person decides, nothing is reversed.
        case review(Reason)
    }

    /// Why a load does not go on.
    package enum Reason: Hashable, Sendable, CustomStringConvertible {
        /// The card refused: its status word.
        case refused(StatusWord)
        case malformed
        /// MAC1 is not this card's: balance and counter are not proven.
        case openingCode
        /// The TAC is not this card's.
        case certificate
        /// Counter or balance have moved without a proof of this load.
        case moved
        case keyVersion
        case keyService
        case tooOften

        package var description: String {
            switch self {
            case .refused(let status): "card refused \(status)"
            case .malformed: "malformed answer"
            case .openingCode: "MAC1 wrong"
            case .certificate: "TAC wrong"
            case .moved: "counter or balance moved"
            case .keyVersion: "unknown key version"
            case .keyService: "keys not reachable"
            case .tooOften: "begun too often"
            }
        }
    }

    private enum Phase { case initialize, prove, credit }

    private let subject: PurseSubject
    private let keys: any CardKeySource
    private let csn: [UInt8]
    private let cardNumber: [UInt8]
    private let moment: PurseMoment
    private var attempt: Attempt?
    private var isSent: Bool
    private var phase = Phase.initialize
    private var rounds = 0

    /// `sent` is the attempt whose CREDIT may have left; `moment` is of the attempts to come.
    package init(
        amountFen: UInt32,
        terminal: [UInt8],
        csn: [UInt8],
        cardNumber: [UInt8],
        moment: PurseMoment,
        keys: any CardKeySource,
        sent: Attempt? = nil
    ) {
        subject = PurseSubject(.load, amountFen: amountFen, terminal: terminal)
        self.csn = csn
        self.cardNumber = cardNumber
        self.moment = moment
        self.keys = keys
        attempt = sent
        isSent = sent != nil
    }

    /// What comes next after an event.
    package mutating func step(_ event: Event) -> Action {
        do {
            switch event {
            case .presented: return isSent ? prove() : initialize()
            case .recorded: return try credit()
            case .answered(let responses): return try answered(responses)
            case .stopped(_, let responses): return stopped(responses.last?.status ?? StatusWord(0))
            }
        } catch let reason as Reason {
            return isSent ? .review(reason) : .void(reason)
        } catch {
            return isSent ? .review(.keyService) : .void(.keyService)
        }
    }

    private mutating func answered(_ responses: [ResponseAPDU]) throws -> Action {
        guard let last = responses.last else { throw Reason.malformed }
        switch phase {
        case .initialize: return try opened(last.data)
        case .prove:
            // 9406 alone proves nothing: a fresh INITIALIZE decides.
            guard last.status.isSuccess else { return initialize() }
            guard last.data.count == 8 else { throw Reason.malformed }
            return try certified(Array(last.data.suffix(4)))
        case .credit:
            guard last.data.count == 4 else { throw Reason.malformed }
            return try certified(last.data)
        }
    }

    /// The card said no. After CREDIT that may still hide a load: the proof is asked for.
    private mutating func stopped(_ status: StatusWord) -> Action {
        switch phase {
        case .initialize: isSent ? .review(.refused(status)) : .void(.refused(status))
        case .prove: .review(.refused(status))
        case .credit: prove()
        }
    }

    private mutating func initialize() -> Action {
        phase = .initialize
        rounds += 1
        guard rounds <= 3 else { return isSent ? .review(.tooOften) : .void(.tooOften) }
        let script = selecting()
        script.plain(RelayedCommand(CommandAPDU(0x80, 0x50, 0x00, 0x02, [0x01] + amountAndTerminal, expected: 16)))
        return .send(script, step: "load-initialize")
    }

    /// balance(4) onlineSeq(2) keyVer(1) alg(1) rnd(4) MAC1(4).
    private mutating func opened(_ data: [UInt8]) throws -> Action {
        guard data.count == 16 else { throw Reason.malformed }
        let balance = data[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let sequence = UInt16(data[4]) << 8 | UInt16(data[5])
        guard data[6] == 1, let suite = PurseSuite(rawValue: data[7]) else { throw Reason.keyVersion }
        let random = Array(data[8..<12])
        let codes = try codes(suite, random, sequence)
        guard try constantTimeEquals(codes.opening(balanceFen: balance, subject), data[12..<16]) else {
            throw Reason.openingCode
        }
        if isSent, let attempt {
            guard attempt.sequence == sequence, attempt.balanceFen == balance else { return .review(.moved) }
            // Proven: nothing was loaded, and the old MAC2 is dead with the old random number.
            isSent = false
        }
        let fresh = Attempt(
            sequence: sequence,
            random: random,
            balanceFen: balance,
            keyVersion: data[6],
            suite: suite,
            moment: moment
        )
        attempt = fresh
        return .record(fresh)
    }

    private mutating func credit() throws -> Action {
        guard phase == .initialize, let attempt else { throw Reason.malformed }
        phase = .credit
        isSent = true
        let code = try codes(attempt.suite, attempt.random, attempt.sequence).credit(subject, attempt.moment)
        // No SELECT: the transaction stands in the card since INITIALIZE.
        let script = CardScript()
        let body = attempt.moment.octets + code
        script.plain(RelayedCommand(CommandAPDU(0x80, 0x52, 0x00, 0x00, body, expected: 4)))
        return .send(script, step: "load-credit")
    }

    private mutating func prove() -> Action {
        guard let attempt else { return .review(.malformed) }
        phase = .prove
        let script = selecting()
        let ask = CommandAPDU(0x80, 0x5A, 0x00, 0x02, attempt.sequence.bigEndianOctets, expected: 8)
        script.plain(RelayedCommand(ask, StatusPattern("9000|9406") ?? .success))
        return .send(script, step: "load-prove")
    }

    private func certified(_ certificate: [UInt8]) throws -> Action {
        guard let attempt else { throw Reason.malformed }
        let (balance, overflow) = attempt.balanceFen.addingReportingOverflow(subject.amountFen)
        guard !overflow else { throw Reason.malformed }
        let key = try keys.key(.transactionCode, csn: csn, cardNumber: cardNumber)
        let expected = try TransactionCertificate.load(
            attempt.suite,
            key: key,
            balanceFen: balance,
            sequence: attempt.sequence,
            subject,
            attempt.moment
        )
        guard constantTimeEquals(expected, certificate) else { return .review(.certificate) }
        return .committed(certificate: certificate, balanceFen: balance, attempt)
    }

    private func codes(_ suite: PurseSuite, _ random: [UInt8], _ sequence: UInt16) throws -> LoadCodes {
        let key = try keys.key(.load, csn: csn, cardNumber: cardNumber)
        return try LoadCodes(suite, key: key, random: random, sequence: sequence)
    }

    private var amountAndTerminal: [UInt8] { subject.amountFen.bigEndianOctets + subject.terminal }

    private func selecting() -> CardScript {
        let script = CardScript()
        script.plain(RelayedCommand(CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.purse, expected: 256), .selected))
        return script
    }
}

extension PurseLoad.Reason: Error {}
