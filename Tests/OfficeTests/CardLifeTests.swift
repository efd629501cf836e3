import Cards
import Certificates
import Cryptography
import Database
import Octets
import Testing

@testable import Office

/// One holder with a card that a test moves along its life.
struct CardCase {
    let test: TestOffice
    let resident: Int64
    let card: [UInt8]
    let reason: CaseReason

    static let supervisor = Caller.staff(StaffCaller(id: 14, userName: "supervisor1", role: "supervisor", hall: "H1"))
    static let clerk2 = StaffCaller(id: 15, userName: "clerk2", role: "clerk", hall: "H1")

    /// A card that the owner of the database has brought to the state named, over moves that the table lists.
    init(_ test: TestOffice, at states: CardState...) async throws {
        self.test = test
        let person = ResidentsTests.entered("张三", "320100190001019070")
        resident = try await test.office.perform(RegisterResident(person), by: test.clerk).answer.resident
        let order = OrderCard(resident: resident, kind: 1)
        card = try Hex.decode(try await test.office.perform(order, by: test.clerk).answer.card)
        reason = try CaseReason("本人来电")
        for state in states { try await advance(card, to: state) }
    }

    static let made: [CardState] = [.personalising, .personalised]

    func advance(_ card: [UInt8], to state: CardState) async throws {
        try await test.owner.transaction { transaction in
            try await transaction.execute(
                """
                INSERT INTO card_event (card_id, seq, from_state, to_state, actor, evidence_tx, at)
                SELECT card_id, row_ver + 1, state, \(state.rawValue), 's:1', '\\x00', now()
                FROM card WHERE reference = \(card)
                """
            )
            try await transaction.execute(
                "UPDATE card SET state = \(state.rawValue), row_ver = row_ver + 1 WHERE reference = \(card)"
            )
        }
    }

    /// Gives the card a certificate for slot 9E; its key answers challenges.
    func certify() async throws -> PrivateKey {
        let key = try PrivateKey.generate(.p256)
        let issuer = CertificateIssuer(
            name: DistinguishedName(organization: "示例市", commonName: "Card CA"),
            signer: try PrivateKey.generate(.p256)
        )
        let subject = CertificateIssuer.Subject(
            name: DistinguishedName(organization: "示例市", commonName: "card 9E"),
            key: key.publicKey,
            serial: CertificateIssuer.serial(SystemRandom()),
            notBefore: 1_760_000_000,
            notAfter: 2_000_000_000
        )
        let certificate = try issuer.issue(.cardProof(policy: "2.25.1.3"), to: subject)
        try await test.owner.execute(
            """
            INSERT INTO certificate (serial, card_id, slot, der, state, not_after, issued_at)
            SELECT \(subject.serial), card_id, 158, \(certificate.der), 1, now() + interval '1 year', now()
            FROM card WHERE reference = \(card)
            """
        )
        return key
    }

    var certificateState: Int16 {
        get async throws { try await test.owner.one("SELECT state FROM certificate").value("state") }
    }

    func state(_ card: [UInt8]? = nil) async throws -> CardState? {
        let row = try await test.owner.one("SELECT state FROM card WHERE reference = \(card ?? self.card)")
        return CardState(rawValue: try row.value("state"))
    }
}

@Suite("卡片变更 the life of a card")
struct CardLifeTests {
    @Test
    func `a loss by voice stops a card, a formal one revokes its certificates`() async throws {
        let test = try await TestOffice()
        let life = try await CardCase(test, at: .personalising, .personalised, .active)
        _ = try await life.certify()
        let oral = ReportOralLoss(card: life.card, reason: life.reason)
        let said = try await test.office.perform(oral, by: test.hotline)
        #expect(said.answer.state == .lost)
        #expect(try await life.certificateState == CertificateState.onHold.rawValue)
        await #expect(throws: Refusal.conflict(.cardState("loss reported by voice"))) {
            _ = try await test.office.perform(oral, by: test.clerk)
        }
        let formal = ReportFormalLoss(card: life.card, reason: life.reason)
        await #expect(throws: Refusal.forbidden(act: "card.loss.formal", role: "hotline")) {
            _ = try await test.office.perform(formal, by: test.hotline)
        }
        #expect(try await test.office.perform(formal, by: test.clerk).answer.state == .reported)
        #expect(try await life.certificateState == CertificateState.revoked.rawValue)
        #expect(try await test.acts().suffix(3) == ["card.loss.oral", "refusal", "card.loss.formal"])
    }

    @Test
    func `a loss is lifted by the chip itself, and not once a replacement has begun`() async throws {
        let test = try await TestOffice()
        let life = try await CardCase(test, at: .personalising, .personalised, .active, .lost)
        let key = try await life.certify()
        try await test.owner.execute("UPDATE certificate SET state = 3")
        let challenge = try await PresenceProof.challenge(for: life.card, of: test.clerk, test.office)
        let digest = PresenceProof.digest(of: challenge, card: life.card)
        let stranger = try PrivateKey.generate(.p256)
        for (signer, challenge) in [(stranger, challenge), (key, [UInt8](challenge.reversed()))] {
            let proof = PresenceProof(challenge: challenge, signature: try signer.sign(digest: digest))
            await #expect(throws: Refusal.conflict(.presenceUnproven)) {
                let act = LiftLossReport(card: life.card, proof: proof, reason: life.reason)
                _ = try await test.office.perform(act, by: test.clerk)
            }
        }
        let proof = PresenceProof(challenge: challenge, signature: try key.sign(digest: digest))
        let lift = LiftLossReport(card: life.card, proof: proof, reason: life.reason)
        test.clock.with { $0 = Timestamp(seconds: $0.seconds + 121) }
        await #expect(throws: Refusal.conflict(.presenceUnproven)) {
            _ = try await test.office.perform(lift, by: test.clerk)
        }
        test.clock.with { $0 = Timestamp(seconds: $0.seconds - 60) }
        #expect(try await test.office.perform(lift, by: test.clerk).answer.state == .active)
        #expect(try await life.certificateState == CertificateState.valid.rawValue)
        _ = try await test.office.perform(ReportFormalLoss(card: life.card, reason: life.reason), by: test.clerk)
        _ = try await test.office.perform(ReplaceCard(card: life.card, reason: life.reason), by: test.clerk)
        await #expect(throws: Refusal.conflict(.replacementBegun)) {
            _ = try await test.office.perform(lift, by: test.clerk)
        }
    }

    @Test
    func `a replacement is ordered once, and the old card goes first when it is activated`() async throws {
        let test = try await TestOffice()
        let life = try await CardCase(test, at: .personalising, .personalised, .active, .lost)
        let replace = ReplaceCard(card: life.card, reason: life.reason)
        async let first = Self.outcome { try await test.office.perform(replace, by: test.clerk).answer.card }
        async let second = Self.outcome {
            try await test.office.perform(replace, by: .staff(CardCase.clerk2)).answer.card
        }
        let cards = await [first, second].compactMap { $0 }
        #expect(cards.count == 1)
        #expect(try await life.state() == .reported)
        let successor = try Hex.decode(try #require(cards.first))
        for state in CardCase.made { try await life.advance(successor, to: state) }
        try await activate(successor, life)
        #expect(try await life.state() == .replaced)
        #expect(try await life.state(successor) == .active)
        // The history of both stands under the one entry of the act.
        let row = try await test.owner.one(
            """
            SELECT count(*) AS n, count(DISTINCT evidence_tx) AS t FROM card_event
            WHERE evidence_tx = (SELECT e.evidence_tx FROM card_event e JOIN card c USING (card_id)
                WHERE c.reference = \(successor) AND e.to_state = 5)
            """
        )
        #expect(try row.value("n") == Int64(2) && row.value("t") == Int64(1))
        let renewed = try await test.office.perform(RenewCard(card: successor, reason: life.reason), by: test.clerk)
        #expect(try await life.state(successor) == .active)
        await #expect(throws: Refusal.conflict(.replacementBegun)) {
            _ = try await test.office.perform(RenewCard(card: successor, reason: life.reason), by: test.clerk)
        }
        let third = try Hex.decode(renewed.answer.card)
        for state in CardCase.made { try await life.advance(third, to: state) }
        try await activate(third, life)
        #expect(try await life.state(successor) == .replaced)
        await #expect(throws: Refusal.conflict(.cardLive)) {
            _ = try await test.office.perform(OrderCard(resident: life.resident, kind: 1), by: test.clerk)
        }
    }

    @Test
    func `a card set aside is finished or destroyed by two persons alone`() async throws {
        let test = try await TestOffice()
        let life = try await CardCase(test, at: .personalising, .quarantine)
        let supervisor = StaffCaller(id: 14, userName: "supervisor1", role: "supervisor", hall: "H1")
        let hotline = StaffCaller(id: 12, userName: "hotline1", role: "hotline", hall: "H1")
        func destroy(_ second: StaffCaller) -> DestroyCard {
            DestroyCard(card: life.card, second: SecondPerson(second), reason: life.reason)
        }
        await #expect(throws: Refusal.conflict(.secondPersonNeeded)) {
            _ = try await test.office.perform(destroy(supervisor), by: CardCase.supervisor)
        }
        await #expect(throws: Refusal.forbidden(act: "card.witness", role: "hotline")) {
            _ = try await test.office.perform(destroy(hotline), by: CardCase.supervisor)
        }
        await #expect(throws: Refusal.forbidden(act: "card.destroy", role: "clerk")) {
            _ = try await test.office.perform(destroy(supervisor), by: test.clerk)
        }
        let resume = ResumeQuarantined(card: life.card, second: SecondPerson(CardCase.clerk2), reason: life.reason)
        // Without the job that was set aside nothing could go on.
        await #expect(throws: Refusal.conflict(.jobState("not set aside"))) {
            _ = try await test.office.perform(resume, by: CardCase.supervisor)
        }
        #expect(try await life.state() == .quarantine)
        #expect(
            try await test.office.perform(destroy(CardCase.clerk2), by: CardCase.supervisor).answer.state == .destroyed
        )
    }

    @Test
    func `suspension, damage, recall and cancellation follow the table`() async throws {
        let test = try await TestOffice()
        let life = try await CardCase(test, at: .personalising, .personalised, .active)
        let office = test.office
        let (card, reason) = (life.card, life.reason)
        await #expect(throws: Refusal.forbidden(act: "card.suspend", role: "clerk")) {
            _ = try await office.perform(SuspendCard(card: card, reason: reason), by: test.clerk)
        }
        let boss = CardCase.supervisor
        #expect(try await office.perform(SuspendCard(card: card, reason: reason), by: boss).answer.state == .suspended)
        await #expect(throws: Refusal.conflict(.cardState("suspended"))) {
            _ = try await office.perform(MarkDamaged(card: card, reason: reason), by: test.clerk)
        }
        #expect(try await office.perform(ResumeCard(card: card, reason: reason), by: boss).answer.state == .active)
        await #expect(throws: Refusal.conflict(.cardState("active"))) {
            _ = try await office.perform(RecallCard(card: card, reason: reason), by: boss)
        }
        #expect(
            try await office.perform(MarkDamaged(card: card, reason: reason), by: test.clerk).answer.state == .damaged
        )
        #expect(
            try await office.perform(CancelCard(card: card, reason: reason), by: test.clerk).answer.state == .cancelled
        )
        await #expect(throws: Refusal.absent(.card)) {
            let none = CancelCard(card: [UInt8](repeating: 7, count: 16), reason: reason)
            _ = try await office.perform(none, by: test.clerk)
        }
        let order = try await office.perform(OrderCard(resident: life.resident, kind: 1), by: test.clerk).answer.card
        let second = try Hex.decode(order)
        for state in CardCase.made { try await life.advance(second, to: state) }
        #expect(try await office.perform(RecallCard(card: second, reason: reason), by: boss).answer.state == .cancelled)
    }

    @Test
    func `two clerks with one card: one of them, and the history has no gap`() async throws {
        let test = try await TestOffice()
        let life = try await CardCase(test, at: .personalising, .personalised, .active)
        var outcomes: [CardState?] = []
        await withTaskGroup(of: CardState?.self) { group in
            for number in 0..<8 {
                group.addTask {
                    await Self.outcome {
                        let formal = ReportFormalLoss(card: life.card, reason: life.reason)
                        let oral = ReportOralLoss(card: life.card, reason: life.reason)
                        return number.isMultiple(of: 2)
                            ? try await test.office.perform(formal, by: test.clerk).answer.state
                            : try await test.office.perform(oral, by: test.hotline).answer.state
                    }
                }
            }
            for await outcome in group { outcomes.append(outcome) }
        }
        #expect(outcomes.filter { $0 == .reported }.count == 1)
        #expect(outcomes.filter { $0 == .lost }.count <= 1)
        let row = try await test.owner.one("SELECT count(*) AS n, max(seq) AS m FROM card_event")
        #expect(try row.value("n") == Int64(row.value("m") as Int32))
    }

    @Test
    func `the database refuses every move that the table does not list`() async throws {
        let test = try await TestOffice()
        var listed: Set<[Int16]> = []
        for row in try await test.owner.all("SELECT from_state, to_state FROM card_move") {
            listed.insert([try row.value("from_state"), try row.value("to_state")])
        }
        var known: Set<[Int16]> = []
        for state in CardState.allCases {
            for event in CardEvent.allCases {
                if let next = CardLife.next(state, event) { known.insert([state.rawValue, next.rawValue]) }
            }
        }
        #expect(listed == known)
        let life = try await CardCase(test, at: .personalising, .personalised, .active)
        for state in CardState.allCases where !known.contains([CardState.active.rawValue, state.rawValue]) {
            await #expect(throws: DatabaseFault.self, "active to \(state)") {
                try await life.advance(life.card, to: state)
            }
        }
        await #expect(throws: DatabaseFault.self) { try await test.owner.execute("DELETE FROM card_event") }
    }

    private static func outcome<Value: Sendable>(_ work: () async throws -> Value) async -> Value? {
        try? await work()
    }

    /// The last act of the relay, as the machine of a desk ends it.
    private func activate(_ card: [UInt8], _ life: CardCase) async throws {
        try await life.test.owner.execute(
            """
            INSERT INTO staff (staff_id, user_name, role, hall, password, totp_enc, created_at)
            VALUES (11, 'clerk1', 'clerk', 'H1', '', '', now()) ON CONFLICT DO NOTHING
            """
        )
        try await life.test.owner.execute(
            "INSERT INTO desk (desk_id, hall, fingerprint) VALUES ('D1', 'H1', '\\x01') ON CONFLICT DO NOTHING"
        )
        let start = StartJob(card: card, desk: "D1", reader: "R", purpose: .activate)
        let job = try await life.test.office.perform(start, by: life.test.clerk).answer.job
        try await life.test.owner.execute("UPDATE perso_job SET state = 'RUNNING', fence = 1 WHERE name = \(job)")
        let row = try await life.test.owner.one("SELECT job_id FROM perso_job WHERE name = \(job)")
        let act = FinishActivation(job: try row.value("job_id"), fence: 1)
        _ = try await life.test.office.perform(act, by: .desk(id: "D1", hall: "H1"))
    }
}
