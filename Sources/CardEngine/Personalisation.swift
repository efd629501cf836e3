package import Cryptography
import Encodings
import Octets

/// 制卡 The personalisation of one CC-1 card as a machine: an event in, an action out.
///
/// The caller sends each script to the card, brings back what came, and keeps `memory` before the next script leaves.
/// A phase counts only when every answer of it is proven under secure messaging (CC-1, 4.3).
package struct Personalisation {
    /// What happened.
    package enum Event {
        /// A card lies in the reader: begin, or go on after a tear.
        case presented
        /// As `presented`, with the answers to `inspection` at hand.
        case inspected([ResponseAPDU])
        /// The whole script was answered as foreseen.
        case answered([ResponseAPDU])
        /// The agent stopped at a command whose status word was not foreseen.
        case stopped(at: Int, [ResponseAPDU])
        /// The authority made the certificates that were asked for.
        case certified([PIVSlot: Certificate])
        /// The security object was signed, r ‖ s.
        case signed([UInt8])
    }

    /// What the caller does next.
    package enum Action {
        case send(CardScript)
        case certify([PIVSlot: PublicKey])
        case sign([UInt8])
        case finished
        /// 隔离 The card is set aside; a person looks at it.
        case quarantine(Reason)
    }

    /// Why a card is set aside.
    package enum Reason: Error, Hashable, Sendable {
        case otherCard
        case notBlank
        case keysUnknown
        case refused(PersonalisationPhase, StatusWord)
        case altered(PersonalisationPhase)
        case differs(String)
        case keyService
    }

    package private(set) var memory: PersonalisationMemory
    package let plan: PersonalisationPlan
    let keys: any CardKeySource
    let random: any RandomSource
    /// The key whose identifier EF1D names.
    private let objectSigner: PublicKey
    var script = CardScript()
    var question = Question.identity
    /// The counter that each key set will show next, by KVN.
    var sequences: [UInt8: UInt32] = [:]
    var resequenced = 0
    /// Applications that are still in state 07, by name.
    var blankApplications: [[UInt8]] = [CC1.piv, CC1.citizen, CC1.purse]
    private var publicKeys: [PIVSlot: PublicKey] = [:]
    var challenge: [UInt8] = []
    /// The session of the script being built.
    var openChannel: SecureChannel?

    /// Whether a script asks which card this is, asks what it holds, or does the phase's work.
    enum Question { case identity, holds, work }

    package init(
        plan: PersonalisationPlan,
        memory: PersonalisationMemory,
        keys: any CardKeySource,
        objectSigner: PublicKey,
        random: any RandomSource
    ) {
        self.plan = plan
        self.memory = memory
        self.keys = keys
        self.objectSigner = objectSigner
        self.random = random
    }

    /// The number of phases done and of all phases, for a progress bar.
    package var progress: (done: Int, of: Int) {
        let all = PersonalisationPhase.allCases
        return (all.firstIndex(of: memory.phase) ?? 0, all.count - 1)
    }

    /// What comes next after an event; anything unexpected sets the card aside.
    package mutating func step(_ event: Event) -> Action {
        do {
            return try reaction(to: event)
        } catch let reason as Reason {
            return .quarantine(reason)
        } catch let fault as SecureChannel.Fault {
            return .quarantine(Self.reason(fault, memory.phase))
        } catch {
            return .quarantine(.keyService)
        }
    }

    private mutating func reaction(to event: Event) throws -> Action {
        switch event {
        case .presented:
            resequenced = 0
            return .send(identification())
        case .inspected(let responses):
            resequenced = 0
            question = .identity
            return try identified(responses)
        case .answered(let responses): return try answered(responses)
        case .stopped(let index, let responses): return try stopped(at: index, responses)
        case .certified(let certificates):
            memory.certificates = certificates.mapValues(\.der)
            return try advance(to: .pivObjects)
        case .signed(let signature):
            guard let proof = publicKeys[.proof] ?? storedKey(.proof), let object = securityBody(proof) else {
                throw Reason.keyService
            }
            memory.securityObject = object + signature
            return .send(try work())
        }
    }

    // MARK: answers

    private mutating func answered(_ responses: [ResponseAPDU]) throws -> Action {
        if question == .identity { return try identified(responses) }
        let answers = try script.proven(responses)
        resequenced = 0
        if question == .holds, let list = answers.first {
            return try held(list.data)
        }
        return try done(answers, responses)
    }

    private mutating func stopped(at index: Int, _ responses: [ResponseAPDU]) throws -> Action {
        if index == 2, question != .identity, resequenced < 3, let actual = script.movedCounter(responses) {
            // The counter moved (a torn answer, another desk): take the real one and begin the phase again.
            resequenced += 1
            sequences[script.commands[1].command.p1] = actual + 1
            return .send(try question == .holds ? holding() : work())
        }
        let status = responses.last?.status ?? StatusWord(0)
        throw Reason.refused(memory.phase, status)
    }

    /// What CPLC and key information tell; the phase to go on with.
    private mutating func identified(_ responses: [ResponseAPDU]) throws -> Action {
        guard responses.count == 4, let csn = CC1.serialNumber(cplc: responses[1].data) else {
            throw Reason.differs("CPLC")
        }
        guard csn == plan.csn else { throw Reason.otherCard }
        let sets = try keySets(responses[2].data)
        blankApplications = try applications(responses[3].data)
        let hasTransport = sets.contains(0xFF)
        let hasIssuer = sets.contains(plan.issuerSet)
        switch (hasTransport, hasIssuer) {
        case (true, false):
            guard memory.phase == .identify || memory.phase == .keys else { throw Reason.notBlank }
            return try advance(to: .keys)
        case (true, true): return try advance(to: .retire)
        case (false, true):
            let reached = PersonalisationPhase.allCases.firstIndex(of: memory.phase) ?? 0
            let data = PersonalisationPhase.allCases.firstIndex(of: .citizenData) ?? 0
            return try advance(to: reached <= data ? .citizenData : memory.phase)
        case (false, false): throw Reason.keysUnknown
        }
    }

    private func keySets(_ object: [UInt8]) throws -> Set<UInt8> {
        guard let outer = try? BERTLV.one(object), outer.tag == 0xE0, let keys = try? outer.children() else {
            throw Reason.differs("key information")
        }
        return Set(keys.compactMap { $0.tag == 0xC0 && $0.value.count == 4 ? $0.value[1] : nil })
    }

    /// The applications that GET STATUS shows in state 07.
    private func applications(_ list: [UInt8]) throws -> [[UInt8]] {
        guard let entries = try? BERTLV.list(list) else { throw Reason.differs("GET STATUS") }
        var blank: [[UInt8]] = []
        for entry in entries {
            guard entry.tag == 0xE3, let parts = try? entry.children(), let name = try? parts.value(0x4F),
                let state = try? parts.value(0x9F70)
            else { throw Reason.differs("GET STATUS") }
            if state == [CC1.LifeCycle.initialized.rawValue] { blank.append(name) }
        }
        return blank
    }

    /// The answer to "which list did you take last": the phase is done, or its work is sent.
    private mutating func held(_ answer: [UInt8]) throws -> Action {
        let intended = try work()
        if answer.count == 34, let list = intended.lastList, Array(answer.suffix(32)) == list {
            return try advance(to: memory.phase.next)
        }
        return .send(intended)
    }

    private mutating func advance(to phase: PersonalisationPhase) throws -> Action {
        memory.phase = phase
        switch phase {
        case .photo where plan.files.photo.isEmpty: return try advance(to: phase.next)
        case .securityObject where memory.securityObject.isEmpty:
            guard let proof = publicKeys[.proof] ?? storedKey(.proof), let body = securityBody(proof) else {
                throw Reason.keyService
            }
            return .sign(body)
        case .citizenData, .purse: return .send(try holding())
        case .finished: return .finished
        default: return .send(try work())
        }
    }

    private mutating func done(_ answers: [ResponseAPDU], _ responses: [ResponseAPDU]) throws -> Action {
        switch memory.phase {
        case .pivKeys:
            for (slot, answer) in zip(plan.slots, answers) { publicKeys[slot] = try generated(answer.data) }
            return .certify(publicKeys)
        case .readIdentity: try checkIdentity(responses)
        case .readCitizen: try checkCitizen(answers)
        case .proof: try checkProof(responses)
        case .identify, .keys, .retire, .citizenData, .photo, .pivObjects, .securityObject, .purse, .applications,
            .finished:
            break
        }
        return try advance(to: memory.phase.next)
    }

    private func generated(_ answer: [UInt8]) throws -> PublicKey {
        guard let object = try? BERTLV.one(answer), object.tag == 0x7F49,
            let point = try? object.children().value(0x86), let key = try? PublicKey(point: point, on: .p256)
        else { throw Reason.altered(.pivKeys) }
        return key
    }

    private func storedKey(_ slot: PIVSlot) -> PublicKey? {
        memory.certificates[slot].flatMap { try? Certificate(der: $0).publicKey }
    }

    private func securityBody(_ proof: PublicKey) -> [UInt8]? {
        plan.files.securityObject(csn: plan.csn, cardNumber: plan.cardNumber, proofKey: proof, signer: objectSigner)
    }

    private static func reason(_ fault: SecureChannel.Fault, _ phase: PersonalisationPhase) -> Reason {
        switch fault {
        case .otherCard: .otherCard
        case .cryptogram: .keysUnknown
        case .refused(_, let status): .refused(phase, status)
        case .malformed, .sequence, .responseMAC: .altered(phase)
        case .cryptography: .keyService
        }
    }
}
