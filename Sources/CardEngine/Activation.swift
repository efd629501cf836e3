package import Cryptography
import Encodings
import Octets

/// 领卡激活 The activation of a finished card in its holder's presence, as a machine.
///
/// A fresh transport PIN is written under the issuer keys, the holder replaces it by a PIN of their own (asked for by
/// the desk, never seen by the service), then the card goes to SECURED. Begun again after any tear, it ends the same.
package struct Activation {
    /// What happened.
    package enum Event {
        case inspected([ResponseAPDU])
        case answered([ResponseAPDU])
        case stopped(at: Int, [ResponseAPDU])
    }

    /// What the caller does next.
    package enum Action {
        case send(CardScript, step: String)
        case finished
        case quarantine(Personalisation.Reason)
        /// The holder's PIN was not taken; the card is as before and the clerk may begin again.
        case again(StatusWord)
    }

    private enum Phase { case question, transport, holder, secure }

    private let csn: [UInt8]
    private let transportPIN: [UInt8]
    private let issuerSet: UInt8
    private let keys: any CardKeySource
    private let random: any RandomSource
    private var phase = Phase.question
    private var script = CardScript()
    private var sequence: UInt32 = 1
    private var resequenced = 0

    /// `transportPIN` is fresh and random: 8 octets, padded with FF.
    package init(
        csn: [UInt8],
        transportPIN: [UInt8],
        issuerSet: UInt8 = 0x30,
        keys: any CardKeySource,
        random: any RandomSource
    ) {
        self.csn = csn
        self.transportPIN = transportPIN
        self.issuerSet = issuerSet
        self.keys = keys
        self.random = random
    }

    /// What comes next after an event.
    package mutating func step(_ event: Event) -> Action {
        do {
            switch event {
            case .inspected(let responses):
                guard Personalisation.chip(in: responses) == csn else { return .quarantine(.otherCard) }
                phase = .question
                return try send()
            case .answered(let responses): return try answered(responses)
            case .stopped(let index, let responses): return try stopped(index, responses)
            }
        } catch {
            return .quarantine((error as? Personalisation.Reason) ?? .keyService)
        }
    }

    private mutating func answered(_ responses: [ResponseAPDU]) throws -> Action {
        let proven = try script.proven(responses)
        resequenced = 0
        switch phase {
        case .question:
            // Secured already: the holder's PIN stands, only the answer to the last command was lost.
            if let state = proven.last?.data, try isSecured(state) { return .finished }
            phase = .transport
        case .transport: phase = .holder
        case .holder: phase = .secure
        case .secure:
            guard let status = proven.last?.data, try isSecured(status) else {
                throw Personalisation.Reason.differs("card state")
            }
            return .finished
        }
        return try send()
    }

    private mutating func stopped(_ index: Int, _ responses: [ResponseAPDU]) throws -> Action {
        if index == 2, phase != .holder, resequenced < 3, let actual = script.movedCounter(responses) {
            resequenced += 1
            sequence = actual + 1
            return try send()
        }
        let status = responses.last?.status ?? StatusWord(0)
        if phase == .holder { return .again(status) }
        throw Personalisation.Reason.refused(.finished, status)
    }

    private mutating func send() throws -> Action {
        switch phase {
        case .question:
            try open(CC1.issuerDomain)
            try script.secure(CommandAPDU(0x80, 0xF2, 0x80, 0x02, [0x4F, 0x00], expected: 256))
            return .send(script, step: "question")
        case .transport:
            try open(CC1.piv)
            try script.store([DataGroup(0x8010, transportPIN + [3, 1] + [UInt8](repeating: 0, count: 6))])
            return .send(script, step: "transport-pin")
        case .holder:
            script = CardScript()
            script.plain(RelayedCommand(CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.piv, expected: 256), .selected))
            let change = CommandAPDU(0x00, 0x24, 0x00, 0x80, transportPIN + [UInt8](repeating: 0xFF, count: 8))
            let fill = PINFill(offset: 13, length: 8, question: .newPIN)
            script.plain(RelayedCommand(change, fills: [fill], isSensitive: true))
            return .send(script, step: "holder-pin")
        case .secure:
            try open(CC1.issuerDomain)
            try script.secure(CommandAPDU(0x80, 0xF0, 0x80, CC1.LifeCycle.secured.rawValue, expected: 256))
            try script.secure(CommandAPDU(0x80, 0xF2, 0x80, 0x02, [0x4F, 0x00], expected: 256))
            return .send(script, step: "secure")
        }
    }

    private mutating func open(_ application: [UInt8]) throws {
        let channel = try SecureChannel(
            keys: keys.keySet(issuerSet, csn: csn),
            csn: csn,
            application: application,
            sequence: sequence,
            hostChallenge: random.octets(8)
        )
        sequence += 1
        script = try CardScript(channel: channel, selecting: application)
    }

    private func isSecured(_ list: [UInt8]) throws -> Bool {
        let entry = try BERTLV.one(list)
        let state = try entry.children().value(0x9F70)
        return entry.tag == 0xE3 && state == [CC1.LifeCycle.secured.rawValue]
    }
}
