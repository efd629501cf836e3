package import CardEngine
import Cards
import Certificates
import Cryptography
import Database
import Encodings
import KeyHierarchy
package import Octets
import Policies
import Tokens

/// 制卡中继 Runs the jobs of the desks: one batch to the agent, its answer back, until the card is done or set aside.
///
/// Guards the jobs that this process is running. Nothing in it must survive: before a batch leaves, its intent is a row;
/// after a restart, or when another card event cuts in, a job begins again from what the database remembers.
package actor RelayService {
    /// What an agent is told.
    package enum Reply: Sendable {
        /// Nothing to do; ask again.
        case idle
        /// A signed batch.
        case batch(String)
        /// The job needs no more of this agent.
        case ended(Ending)
    }

    /// How a job left the desk.
    package enum Ending: String, Sendable {
        case finished
        case activated
        /// The card was torn out or did not answer: present the same card again.
        case presentAgain
        /// The chip in the reader belongs to another card, or is none of ours: nothing was written to it.
        case otherCard
        case setAside
        case pinRefused
        /// 圈存 The card has proven it.
        case loaded
        /// Nothing was loaded.
        case loadRefused
        /// A person must look at the load.
        case review
    }

    private let office: Office
    private let workers: WorkerThreads
    private let lot: String
    private let draw: (@Sendable (CardFaceOrder) throws -> CardFacePicture)?
    private var running: [String: RunningJob] = [:]

    package init(
        office: Office,
        workers: WorkerThreads,
        lot: String,
        draw: (@Sendable (CardFaceOrder) throws -> CardFacePicture)? = nil
    ) {
        self.office = office
        self.workers = workers
        self.lot = lot
        self.draw = draw
    }

    /// The first batch of the job that waits for a desk's reader, when a card lies in it.
    package func next(desk: String, hall: String, reader: String) async throws -> Reply {
        let caller = Caller.desk(id: desk, hall: hall)
        let waiting = try await office.database.maybe(
            """
            SELECT job_id, name, card_id, purpose, state, fence, resumes, csn, batch, secret_enc FROM perso_job
            WHERE desk_id = \(desk) AND reader = \(reader) AND state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN')
            ORDER BY job_id LIMIT 1
            """
        )
        guard let waiting else { return .idle }
        let job = try RunningJob(waiting, caller: caller, desk: desk, reader: reader)
        running = running.filter { $0.value.id != job.id }
        guard job.resumes <= 3 else {
            if job.purpose == .load { return try await end(job, .review, "resumed too often") }
            let act = SetAside(job: job.id, fence: job.fence - 1, fault: "resumed too often")
            _ = try await office.perform(act, by: caller)
            return .ended(.setAside)
        }
        running[job.relayName] = job
        return try await send(Personalisation.inspection(), step: "identify", of: job, after: nil)
    }

    /// The answer to a batch; what comes next. A repeated answer gets the same reply.
    package func answer(_ result: RelayResult, desk: String) async throws -> Reply {
        guard let job = running[result.job], job.desk == desk else {
            return .ended(try await RelayRows.ending(after: result, desk: desk, office))
        }
        if let last = job.lastAnswered, last.nonce == result.nonce { return last.reply }
        if let working = job.working, working.nonce == result.nonce { return try await working.reply.value }
        guard let sent = job.sent, sent.number == result.number, sent.nonce == result.nonce else {
            return .ended(.presentAgain)
        }
        // A task of its own: an agent that hangs up and asks again finds the same work, not a second one.
        let work = Task { try await react(to: result, sent, job) }
        job.working = (result.nonce, work)
        defer { job.working = nil }
        do {
            let reply = try await work.value
            job.lastAnswered = (result.nonce, reply)
            return reply
        } catch {
            // What the machine knows may be ahead of the rows: the job begins again from these.
            running[job.relayName] = nil
            throw error
        }
    }

    private func react(to result: RelayResult, _ sent: RunningJob.Sent, _ job: RunningJob) async throws -> Reply {
        var chain = job.chain
        for (command, response) in zip(sent.script.commands, result.responses) {
            chain.add(command, response: response)
        }
        guard result.status != .refused else {
            return sent.script.asksForPIN ? try await declined(job, result) : try await suspend(job, result)
        }
        guard chain.head == result.chain else { return try await suspend(job, result) }
        job.chain = chain
        job.cardMicroseconds += result.cardMicroseconds
        switch result.status {
        case .tear, .noCard, .stuck, .refused: return try await suspend(job, result)
        case .done, .unexpectedStatus: break
        }
        let responses = result.responses.compactMap(ResponseAPDU.init)
        guard responses.count == result.responses.count,
            result.status == .unexpectedStatus || responses.count == sent.script.commands.count
        else { return try await suspend(job, result) }
        let ending = result.status == .done ? RunningJob.Outcome.answered(responses) : .stopped(responses)
        switch job.purpose {
        case .issue: return try await issue(ending, result, job)
        case .activate: return try await activate(ending, result, job)
        case .load: return try await load(ending, result, job)
        }
    }

    // MARK: making a card

    private func issue(_ outcome: RunningJob.Outcome, _ result: RelayResult, _ job: RunningJob) async throws -> Reply {
        if job.personalisation == nil {
            guard case .answered(let responses) = outcome, let csn = Personalisation.chip(in: responses) else {
                return try await refuseChip(job, result, "no card of ours")
            }
            do {
                try await begin(job, csn: csn)
            } catch Refusal.conflict(.blankUsed) {
                return try await refuseChip(job, result, "the chip belongs to another card")
            }
            return try await follow(try await step(job, .inspected(responses)), result, job)
        }
        let event: Personalisation.Event =
            switch outcome {
            case .answered(let responses): .answered(responses)
            case .stopped(let responses): .stopped(at: responses.count - 1, responses)
            }
        return try await follow(try await step(job, event), result, job)
    }

    private func step(_ job: RunningJob, _ event: sending Personalisation.Event) async throws -> Personalisation.Action
    {
        let box = StepBox(job, event)
        return try await workers.run { box.advance() }.action
    }

    /// Carries out what the machine asks for, until something goes to the card or the job ends.
    private func follow(_ first: Personalisation.Action, _ result: RelayResult, _ job: RunningJob) async throws -> Reply
    {
        var action = first
        while true {
            switch action {
            case .send(let script):
                return try await send(script, step: job.phase, of: job, after: result)
            case .certify(let keys):
                action = try await step(job, .certified(try await certificates(keys, job)))
            case .sign(let body):
                let signer = try office.keys.signer("card.object")
                let der = try await workers.run { try signer.sign(body) }
                guard let raw = SignatureForm.raw(fromDER: der) else { throw Refusal.unavailable(.keys) }
                action = try await step(job, .signed(raw))
            case .finished:
                try await finish(job, result)
                return .ended(.finished)
            case .quarantine(let reason):
                try await setAside(job, "\(reason)")
                return .ended(.setAside)
            }
        }
    }

    private func certificates(
        _ keys: [PIVSlot: PublicKey],
        _ job: RunningJob
    ) async throws -> [PIVSlot: Certificate] {
        guard let plan = job.plan else { throw Refusal.unavailable(.keys) }
        let authority = CertificateAuthority(office: office, purpose: "ca.issuing.card")
        let made = try await workers.run { try authority.certifyCard(keys, validTo: plan.validTo) }
        let kept = made.map { slot, certificate in
            KeepCertificates.Issued(
                slot: slot,
                serial: certificate.serial,
                der: certificate.certificate.der,
                notAfter: certificate.notAfter
            )
        }
        _ = try await office.perform(
            KeepCertificates(job: job.id, fence: job.fence, certificates: kept),
            by: job.caller
        )
        return made.mapValues(\.certificate)
    }

    private func begin(_ job: RunningJob, csn: [UInt8]) async throws {
        if let bound = job.csn, bound != csn { throw Refusal.conflict(.blankUsed) }
        let (secret, key) = try await JobSecrets.load(job, csn: csn, office)
        let sealed = try office.vault.seal(secret.json.encoded, table: "perso_job", column: "secret_enc", with: key)
        let act = BeginPersonalisation(job: job.id, fence: job.fence, csn: csn, secret: sealed)
        _ = try await office.perform(act, by: job.caller)
        job.csn = csn
        job.dataKey = key
        let cardKeys = CardKeys(keys: office.keys, lot: lot, city: office.city.code)
        let signer = try office.keys.signer("card.object").publicKey
        job.personalisation = Personalisation(
            plan: secret.plan,
            memory: secret.memory,
            keys: cardKeys,
            objectSigner: signer,
            random: office.random
        )
    }

    private func finish(_ job: RunningJob, _ result: RelayResult) async throws {
        guard let plan = job.plan, let key = job.dataKey else { throw Refusal.unavailable(.keys) }
        try await RelayRows.close(job, result, office)
        var artwork: FinishPersonalisation.SealedArtwork?
        var fault: String?
        do {
            artwork = try await drawn(plan, key)
        } catch {
            // The chip is done and proven; a face that could not be drawn or printed is mended by itself.
            fault = "artwork: \(error)"
        }
        let act = FinishPersonalisation(
            job: job.id,
            fence: job.fence,
            validFrom: try RelayRows.day(plan.validFrom),
            validTo: try RelayRows.day(plan.validTo),
            keySet: Int16(plan.issuerSet),
            artwork: artwork,
            fault: fault
        )
        _ = try await office.perform(act, by: job.caller)
        running[job.relayName] = nil
    }

    private func drawn(
        _ plan: PersonalisationPlan,
        _ key: ResidentVault.DataKey
    ) async throws -> FinishPersonalisation.SealedArtwork? {
        guard let draw else { return nil }
        let kind = plan.files.kind.flatMap { CardKind(rawValue: Int16($0)) } ?? .ordinary
        let order = CardFaceOrder(plan: plan, kind: kind, city: (office.city.chinese, office.city.english))
        let picture = try await workers.run { try draw(order) }
        return FinishPersonalisation.SealedArtwork(
            png: try office.vault.seal(picture.png, table: "card_artwork", column: "png_enc", with: key),
            pdf: try office.vault.seal(picture.pdf, table: "card_artwork", column: "pdf_enc", with: key)
        )
    }

    // MARK: activating a card

    private func activate(_ outcome: RunningJob.Outcome, _ result: RelayResult, _ job: RunningJob) async throws -> Reply
    {
        let event: Activation.Event
        if job.activation == nil {
            guard case .answered(let responses) = outcome, let csn = job.csn, Personalisation.chip(in: responses) == csn
            else { return try await refuseChip(job, result, "another card") }
            let cardKeys = CardKeys(keys: office.keys, lot: lot, city: office.city.code)
            let pin = (0..<6).map { _ in UInt8(0x30 + office.random.number(below: 10)) } + [0xFF, 0xFF]
            job.activation = Activation(csn: csn, transportPIN: pin, keys: cardKeys, random: office.random)
            event = .inspected(responses)
        } else {
            event =
                switch outcome {
                case .answered(let responses): .answered(responses)
                case .stopped(let responses): .stopped(at: responses.count - 1, responses)
                }
        }
        let box = StepBox(job, activation: event)
        switch try await workers.run({ box.advanceActivation() }).activation {
        case .send(let script, let step): return try await send(script, step: step, of: job, after: result)
        case .finished:
            try await RelayRows.close(job, result, office)
            _ = try await office.perform(FinishActivation(job: job.id, fence: job.fence), by: job.caller)
            running[job.relayName] = nil
            return .ended(.activated)
        case .quarantine(let reason):
            try await setAside(job, "\(reason)")
            return .ended(.setAside)
        case .again(let status):
            return try await declined(job, result, "PIN \(status)")
        case nil: throw Refusal.unavailable(.keys)
        }
    }

    // MARK: loading a purse

    private func load(_ outcome: RunningJob.Outcome, _ result: RelayResult, _ job: RunningJob) async throws -> Reply {
        var event: PurseLoad.Event
        if job.load == nil {
            guard case .answered(let responses) = outcome, let csn = job.csn, Personalisation.chip(in: responses) == csn
            else { return try await refuseChip(job, result, "another card") }
            let cardKeys = CardKeys(keys: office.keys, lot: lot, city: office.city.code)
            job.load = try await LoadRows.machine(job, csn: csn, keys: cardKeys, office)
            event = .presented
        } else {
            event =
                switch outcome {
                case .answered(let responses): .answered(responses)
                case .stopped(let responses): .stopped(at: responses.count - 1, responses)
                }
        }
        while true {
            let box = LoadBox(job, event)
            switch try await workers.run({ box.advance() }).action {
            case .send(let script, let step): return try await send(script, step: step, of: job, after: result)
            case .record(let attempt):
                do { try await LoadRows.sent(attempt, job, office) } catch is LoadRows.AboveLedger {
                    try await RelayRows.close(job, result, office)
                    return try await end(job, .review, "the card holds more than its account")
                }
                event = .recorded
            case .committed(let certificate, let balance, _):
                try await RelayRows.close(job, result, office)
                let act = CommitLoad(job: job.id, fence: job.fence, certificate: certificate, balanceFen: balance)
                _ = try await office.perform(act, by: job.caller)
                running[job.relayName] = nil
                return .ended(.loaded)
            case .void(let reason):
                try await RelayRows.close(job, result, office)
                return try await end(job, .void, "\(reason)")
            case .review(let reason):
                try await RelayRows.close(job, result, office)
                return try await end(job, .review, "\(reason)")
            }
        }
    }

    private func end(_ job: RunningJob, _ outcome: EndLoad.Outcome, _ fault: String) async throws -> Reply {
        let act = EndLoad(job: job.id, fence: job.fence, outcome: outcome, fault: fault)
        _ = try await office.perform(act, by: job.caller)
        running[job.relayName] = nil
        return .ended(outcome == .void ? .loadRefused : .review)
    }

    // MARK: sending and ending

    private func send(
        _ script: CardScript,
        step: String,
        of job: RunningJob,
        after result: RelayResult?
    ) async throws -> Reply {
        job.batch += 1
        let nonce = office.random.octets(16)
        job.sent = RunningJob.Sent(number: job.batch, nonce: nonce, script: script)
        let batch = RelayBatch(
            job: job.relayName,
            number: job.batch,
            nonce: nonce,
            desk: job.desk,
            reader: job.reader,
            step: step,
            expires: office.now.microseconds / 1_000_000 + 120,
            reset: result == nil ? .yes : .no,
            commands: script.commands,
            previous: job.chain.head
        )
        // 意向 The intent is committed before a single command leaves.
        try await RelayRows.intend(job, result, step: step, nonce: nonce, office)
        let signer = try office.keys.signer("perso.batch")
        let payload = batch.json
        return .batch(try await workers.run { try CompactSignature.sign(payload, type: RelayBatch.type, by: signer) })
    }

    /// 结果未知 A lost answer is unknown, never failed: the job waits for the same card.
    private func suspend(_ job: RunningJob, _ result: RelayResult) async throws -> Reply {
        let fault = result.status.rawValue
        try await RelayRows.suspend(job, result, state: "UNKNOWN", resumes: job.resumes, fault: fault, office)
        running[job.relayName] = nil
        return .ended(.presentAgain)
    }

    /// No PIN was given, or the card did not take it: the card is as before, and this was no tear.
    private func declined(
        _ job: RunningJob,
        _ result: RelayResult,
        _ fault: String = "no PIN of 6 to 8 digits"
    ) async throws -> Reply {
        let resumes = job.resumesBefore
        try await RelayRows.suspend(job, result, state: "UNKNOWN", resumes: resumes, fault: fault, office)
        running[job.relayName] = nil
        return .ended(.pinRefused)
    }

    /// Not this chip: the job goes on waiting for the right one, and the tear count stays as it was.
    private func refuseChip(_ job: RunningJob, _ result: RelayResult, _ fault: String) async throws -> Reply {
        let resumes = job.resumesBefore
        try await RelayRows.suspend(job, result, state: job.resumedState, resumes: resumes, fault: fault, office)
        running[job.relayName] = nil
        return .ended(.otherCard)
    }

    private func setAside(_ job: RunningJob, _ fault: String) async throws {
        _ = try await office.perform(SetAside(job: job.id, fence: job.fence, fault: fault), by: job.caller)
        running[job.relayName] = nil
    }
}
