import CardEngine
import CardSimulator
import Cryptography
import Octets
import Purses
import Testing

/// One made card in a reader that tears it out at a command, the service beside it and a terminal.
final class PurseDesk {
    /// What a call of the service or the terminal ended with.
    enum Ending: Equatable {
        case loaded(UInt32)
        case void(PurseLoad.Reason)
        case review(PurseLoad.Reason)
        case paid(SettlementLine)
        case refused(PursePurchase.Reason)
    }

    var card: VirtualCard
    var cut: (at: Int, TestDesk.Cut)?
    /// A second tear, once the first has been.
    var later: (at: Int, TestDesk.Cut)?
    private(set) var commands = 0
    private(set) var tears = 0
    /// What the service would find in its database.
    var sent: PurseLoad.Attempt?
    /// What the terminal would find in its journal.
    var grey: PursePurchase.Grey?
    var white: [SettlementLine] = []
    var voided = 0
    private var terminalSequence: UInt32 = 0

    static let terminal: [UInt8] = [0, 0x11, 0x22, 0x33, 0x44, 0x55]
    /// Made once: a card is a value.
    private static let made = Result {
        let desk = try TestDesk(photo: 0)
        guard try desk.run() == nil else { throw PurseLoad.Reason.keyService }
        return desk.card
    }

    init() throws { card = try Self.made.get() }

    var csn: [UInt8] { ChipSerial(number: 7).octets }
    private let moment = PurseMoment(CivilTime(seconds: 1_790_000_000))
    static let number: [UInt8] = [0x00, 0x01, 0x32, 0x01, 0, 0, 0, 0, 0x01, 0x26]

    var balance: UInt32 {
        _ = card.process(CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.purse, expected: 256).encoded)
        let answer = card.process(CommandAPDU(0x80, 0x5C, 0x00, 0x02, expected: 4).encoded)
        return answer.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A load of one reservation: begun again from what is kept after every tear.
    func load(_ amount: UInt32) -> Ending {
        for _ in 0..<4 {
            var machine = PurseLoad(
                amountFen: amount,
                terminal: Self.terminal,
                csn: csn,
                cardNumber: Self.number,
                moment: moment,
                keys: TestKeys(),
                sent: sent
            )
            var event = PurseLoad.Event.presented
            rounds: while true {
                switch machine.step(event) {
                case .send(let script, _):
                    guard let answers = relay(script) else { break rounds }
                    event =
                        answers.isStopped
                        ? .stopped(at: answers.responses.count - 1, answers.responses)
                        : .answered(answers.responses)
                case .record(let attempt):
                    sent = attempt
                    event = .recorded
                case .committed(_, let balance, _):
                    sent = nil
                    return .loaded(balance)
                case .void(let reason): return .void(reason)
                case .review(let reason): return .review(reason)
                }
            }
        }
        return .review(.tooOften)
    }

    /// One tap at the terminal; nil when the card was torn out.
    func buy(_ amount: UInt32) throws -> Ending? {
        terminalSequence += 1
        let city = try PurseSuite.sm4.diversified(
            SecretOctets(copying: TestKeys.purseRoot),
            by: [0x32, 0x01, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        )
        var machine = PursePurchase(
            amountFen: amount,
            terminal: Self.terminal,
            terminalSequence: terminalSequence,
            moment: moment,
            issuerCode: [0x32, 0x01, 0x00],
            cityKey: city,
            pending: grey
        )
        var event = PursePurchase.Event.presented
        while true {
            switch machine.step(event) {
            case .send(let script):
                guard let answers = relay(script) else { return nil }
                event =
                    answers.isStopped
                    ? .stopped(at: answers.responses.count - 1, answers.responses)
                    : .answered(answers.responses)
            case .record(let line):
                grey = line
                event = .recorded
            case .settled(let line):
                white.append(line)
                grey = nil
                return .paid(line)
            case .voided:
                voided += 1
                grey = nil
                event = .noted
            case .paid(let line):
                white.append(line)
                grey = nil
                return .paid(line)
            case .refused(let reason): return .refused(reason)
            }
        }
    }

    private func relay(_ script: CardScript) -> (responses: [ResponseAPDU], isStopped: Bool)? {
        var responses: [ResponseAPDU] = []
        for relayed in script.commands {
            commands += 1
            let isCut = cut?.at == commands
            if isCut, cut?.1 == .beforeCommand { return torn() }
            let octets = card.process(relayed.command.encoded)
            if isCut { return torn() }
            guard let response = ResponseAPDU(octets) else { return nil }
            responses.append(response)
            guard relayed.pattern.matches(response.status) else { return (responses, true) }
        }
        return (responses, false)
    }

    private func torn() -> (responses: [ResponseAPDU], isStopped: Bool)? {
        cut = later
        later = nil
        tears += 1
        card.reset()
        return nil
    }
}

@Suite("电子钱包 loads and purchases")
struct PurseTests {
    @Test
    func `a load is proven by the card, a purchase by the terminal`() throws {
        let desk = try PurseDesk()
        #expect(desk.load(5000) == .loaded(5000))
        #expect(desk.load(2500) == .loaded(7500))
        guard case .paid(let line) = try desk.buy(1200) else { Issue.record("not paid"); return }
        #expect(desk.balance == 6300)
        let key = try TestKeys().key(.transactionCode, csn: desk.csn, cardNumber: PurseDesk.number)
        let expected = try TransactionCertificate.purchase(
            .sm4,
            key: key,
            terminalSequence: line.terminalSequence,
            line.subject,
            line.moment
        )
        #expect(line.certificate == expected && line.balanceBeforeFen == 7500 && line.mark == .white)
        #expect(try desk.buy(6301) == .refused(.refused(StatusWord(0x9401))))
        #expect(desk.load(200_000) == .void(.refused(StatusWord(0x6985))))
    }

    @Test(arguments: [TestDesk.Cut.beforeCommand, .afterCommand])
    func `a load torn at any command is neither doubled nor lost`(cut: TestDesk.Cut) throws {
        let whole = try PurseDesk()
        #expect(whole.load(5000) == .loaded(5000))
        #expect(whole.commands >= 3)
        for index in 1...whole.commands {
            let desk = try PurseDesk()
            desk.cut = (index, cut)
            #expect(desk.load(5000) == .loaded(5000), "\(cut) at \(index)")
            #expect(desk.balance == 5000 && desk.tears == 1, "\(cut) at \(index)")
            // Torn twice: the recovery itself is torn out too.
            for second in index + 1...index + 5 {
                let twice = try PurseDesk()
                twice.cut = (index, cut)
                let ending = twice.load(second: second, cut)
                #expect(ending == .loaded(5000) && twice.balance == 5000, "\(cut) at \(index) and \(second)")
            }
        }
    }

    @Test(arguments: [TestDesk.Cut.beforeCommand, .afterCommand])
    func `a purchase torn at any command is paid once`(cut: TestDesk.Cut) throws {
        let whole = try PurseDesk()
        #expect(whole.load(5000) == .loaded(5000))
        let before = whole.commands
        _ = try whole.buy(700)
        for index in before + 1...whole.commands {
            let desk = try PurseDesk()
            _ = desk.load(5000)
            desk.cut = (index, cut)
            #expect(try desk.buy(700) == nil)
            guard case .paid = try desk.buy(700) else { Issue.record("not paid after \(cut) at \(index)"); continue }
            #expect(desk.balance == 4300 && desk.white.count == 1 && desk.grey == nil, "\(cut) at \(index)")
        }
    }

    @Test
    func `what moved without a proof goes to a person, and a wrong code stops before anything is sent`() throws {
        let desk = try PurseDesk()
        #expect(desk.load(5000) == .loaded(5000))
        // A reservation whose attempt the card has overtaken: counter moved, no proof of it any more.
        desk.sent = PurseLoad.Attempt(
            sequence: 0,
            random: [1, 2, 3, 4],
            balanceFen: 0,
            keyVersion: 1,
            suite: .sm4,
            moment: PurseMoment(CivilTime(seconds: 1_780_000_000))
        )
        #expect(desk.load(5000) == .review(.certificate))
        #expect(desk.load(100) == .review(.certificate))
        desk.sent = nil
        _ = desk.load(100)
        desk.sent = PurseLoad.Attempt(
            sequence: 0,
            random: [1, 2, 3, 4],
            balanceFen: 0,
            keyVersion: 1,
            suite: .sm4,
            moment: PurseMoment(CivilTime(seconds: 1_780_000_000))
        )
        #expect(desk.load(5000) == .review(.moved))
        #expect(desk.balance == 5100)
    }
}

extension PurseDesk {
    /// A load whose second tear waits at a later command.
    func load(second: Int, _ kind: TestDesk.Cut) -> Ending {
        later = (second, kind)
        return load(5000)
    }
}
