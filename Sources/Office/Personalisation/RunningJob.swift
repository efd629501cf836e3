import CardEngine
import Database
import Octets

/// One job while this process runs it. Owned by the relay service; handed to one worker thread at a time.
final class RunningJob: @unchecked Sendable {
    // Only the relay actor and the one worker it waits for ever touch a job.
    enum Outcome {
        case answered([ResponseAPDU])
        case stopped([ResponseAPDU])
    }

    /// The batch that is out.
    struct Sent {
        let number: Int
        let nonce: [UInt8]
        let script: CardScript
    }

    let id: Int64
    let name: String
    let card: Int64
    let purpose: StartJob.Purpose
    let caller: Caller
    let desk: String
    let reader: String
    let secret: [UInt8]?
    /// Raised by every start: what a slower process still holds matches no row any more.
    let fence: Int64
    let resumes: Int16
    /// The count before this run began.
    let resumesBefore: Int16
    var csn: [UInt8]?
    var batch: Int
    var chain: RelayChain
    var sent: Sent?
    var lastAnswered: (nonce: [UInt8], reply: RelayService.Reply)?
    /// The answer that is being worked on.
    var working: (nonce: [UInt8], reply: Task<RelayService.Reply, any Error>)?
    var personalisation: Personalisation?
    var activation: Activation?
    var load: PurseLoad?
    var dataKey: ResidentVault.DataKey?
    var cardMicroseconds: Int64 = 0

    /// The name under which the agent knows this run: each resume begins a new chain.
    let relayName: String

    init(_ row: Row, caller: Caller, desk: String, reader: String) throws {
        id = try row.value("job_id")
        name = try row.value("name")
        card = try row.value("card_id")
        purpose = StartJob.Purpose(rawValue: try row.value("purpose")) ?? .issue
        let state: String = try row.value("state")
        let resumed: Int16 = try row.value("resumes")
        resumesBefore = resumed
        resumes = state == "QUEUED" || state == "ASSIGNED" ? resumed : resumed + 1
        fence = try row.value("fence") + Int64(1)
        csn = try row.value("csn")
        let number: Int32 = try row.value("batch")
        batch = Int(number)
        secret = try row.value("secret_enc")
        self.caller = caller
        self.desk = desk
        self.reader = reader
        relayName = "\(name).\(fence)"
        chain = RelayChain(job: relayName)
    }

    /// A job that has bound no chip yet goes back to the queue; another one waits for its own chip.
    var resumedState: String { csn == nil ? "QUEUED" : "UNKNOWN" }

    var plan: PersonalisationPlan? { personalisation?.plan }
    var phase: String { personalisation?.memory.phase.rawValue ?? "identify" }
}

/// One step of a load on a worker thread.
final class LoadBox: @unchecked Sendable {
    // Made by the relay actor, used by the one worker it waits for, read after that.
    private let job: RunningJob
    private let event: PurseLoad.Event

    /// What the step gave.
    struct Given: @unchecked Sendable {
        // The script inside is handed on, never shared.
        let action: PurseLoad.Action
    }

    init(_ job: RunningJob, _ event: PurseLoad.Event) {
        self.job = job
        self.event = event
    }

    func advance() -> Given { Given(action: job.load?.step(event) ?? .void(.keyService)) }
}

/// One step of a job's machine on a worker thread: key derivation, signatures and ciphers block.
final class StepBox: @unchecked Sendable {
    // Made by the relay actor, used by the one worker it waits for, read after that.
    private let job: RunningJob
    private let event: Personalisation.Event?
    private let activationEvent: Activation.Event?

    /// What the step gave.
    struct Given: @unchecked Sendable {
        // The script inside is handed on, never shared.
        let action: Personalisation.Action
        let activation: Activation.Action?
    }

    init(_ job: RunningJob, _ event: Personalisation.Event) {
        self.job = job
        self.event = event
        activationEvent = nil
    }

    init(_ job: RunningJob, activation event: Activation.Event) {
        self.job = job
        self.event = nil
        activationEvent = event
    }

    func advance() -> Given {
        guard let event, let action = job.personalisation?.step(event) else {
            return Given(action: .quarantine(.keyService), activation: nil)
        }
        return Given(action: action, activation: nil)
    }

    func advanceActivation() -> Given {
        guard let activationEvent else { return Given(action: .quarantine(.keyService), activation: nil) }
        return Given(action: .quarantine(.keyService), activation: job.activation?.step(activationEvent))
    }
}
