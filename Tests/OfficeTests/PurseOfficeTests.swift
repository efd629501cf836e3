import CardEngine
import Cards
import Database
import Encodings
import Octets
import Policies
import Purses
import Testing

@testable import Office

/// A card in service, a desk, and a terminal of a merchant.
struct PurseCase {
    let test: TestOffice
    let life: CardCase
    let number: [UInt8]
    let terminal: [UInt8]

    init() async throws {
        test = try await TestOffice()
        life = try await CardCase(test, at: .personalising, .personalised, .active)
        try await test.owner.execute(
            """
            INSERT INTO staff (staff_id, user_name, role, hall, password, totp_enc, created_at)
            VALUES (11, 'clerk1', 'clerk', 'H1', '', '', now())
            """
        )
        try await test.owner.execute("INSERT INTO desk (desk_id, hall, fingerprint) VALUES ('D1', 'H1', '\\x01')")
        let officer = Caller.account(name: "officer1", role: "key-officer")
        let added = try await test.office.perform(AddTerminal(merchant: "shop-1"), by: officer).answer
        terminal = try Hex.decode(added.terminal)
        // The first number that the sequence gives out.
        number = try CardNumber(city: "3201", sequence: 1).octets
    }

    func load(_ fen: Int64) -> StartLoad { StartLoad(card: life.card, desk: "D1", reader: "R", amountFen: fen) }

    /// What the relay does once the card has answered: SENT, then the proof.
    func commit(_ job: String) async throws {
        try await test.owner.execute("UPDATE perso_job SET state = 'RUNNING', fence = 1 WHERE name = \(job)")
        let row = try await test.owner.one("SELECT job_id FROM perso_job WHERE name = \(job)")
        let id: Int64 = try row.value("job_id")
        try await test.owner.execute(
            "UPDATE purse_load SET state = 'SENT', online_seq = 0 WHERE job_id = \(id) AND state = 'RESERVED'"
        )
        let act = CommitLoad(job: id, fence: 1, certificate: [1, 2, 3, 4], balanceFen: 5000)
        _ = try await test.office.perform(act, by: .desk(id: "D1", hall: "H1"))
    }

    /// A line whose TAC is right, unless it is told otherwise.
    func line(_ fen: UInt32, sequence: UInt16, altered: UInt32? = nil, card: [UInt8]? = nil) throws -> SettlementLine {
        let moment = PurseMoment(CivilTime(seconds: 1_767_250_000))
        let keys = CardKeys(keys: test.office.keys, lot: "", city: test.office.city.code)
        let certificate = try TransactionCertificate.purchase(
            .sm4,
            key: keys.key(.transactionCode, csn: [], cardNumber: number),
            terminalSequence: UInt32(sequence) + 1,
            PurseSubject(.purchase, amountFen: fen, terminal: terminal),
            moment
        )
        return SettlementLine(
            cardNumber: Hex.encode(card ?? number),
            subject: PurseSubject(.purchase, amountFen: altered ?? fen, terminal: terminal),
            balanceBeforeFen: 5000,
            sequence: sequence,
            keyVersion: 1,
            suite: .sm4,
            terminalSequence: UInt32(sequence) + 1,
            moment: moment,
            certificate: certificate
        )
    }

    func settle(_ lines: SettlementLine...) async throws -> SettlePurchases.Answer {
        let file = SettlementFile(merchant: "shop-1", day: "20260101", lines: lines)
        let act = SettlePurchases(file, octets: file.encoded)
        let operating = Caller.staff(StaffCaller(id: 16, userName: "operator1", role: "operator", hall: "H1"))
        return try await test.office.perform(act, by: operating).answer
    }

    var balance: Int64 {
        get async throws { try await test.owner.one("SELECT balance_fen FROM purse").value("balance_fen") }
    }
}

@Suite("电子钱包账户 the account of a purse")
struct PurseOfficeTests {
    @Test
    func `a load is reserved once, posted once, and only for who may`() async throws {
        let purse = try await PurseCase()
        let office = purse.test.office
        await #expect(throws: Refusal.forbidden(act: "purse.load", role: "hotline")) {
            _ = try await office.perform(purse.load(5000), by: purse.test.hotline)
        }
        await #expect(throws: Refusal.invalid(field: "amountFen", .tooMany)) {
            _ = try await office.perform(purse.load(100_001), by: purse.test.clerk)
        }
        let job = try await office.perform(purse.load(5000), by: purse.test.clerk).answer.job
        #expect(try await office.perform(purse.load(5000), by: purse.test.clerk).answer.job == job)
        await #expect(throws: Refusal.conflict(.loadOpen)) {
            _ = try await office.perform(purse.load(4000), by: purse.test.clerk)
        }
        await #expect(throws: Refusal.conflict(.loadOpen)) {
            let cancel = CancelCard(card: purse.life.card, reason: purse.life.reason)
            _ = try await office.perform(cancel, by: purse.test.clerk)
        }
        try await purse.commit(job)
        #expect(try await purse.balance == 5000)
        // The answer to a commit was lost: the same again finds no open load.
        await #expect(throws: (any Error).self) { try await purse.commit(job) }
        #expect(try await purse.balance == 5000)
        await #expect(throws: Refusal.conflict(.purseLimit)) {
            _ = try await office.perform(purse.load(95_001), by: purse.test.clerk)
        }
        let sheet = try await PurseSheet.of(purse.life.card, for: purse.test.clerk, office)
        #expect(sheet["holds"] == .bool(true) && sheet["balanceFen"] == .integer(5000))
        let cancel = CancelCard(card: purse.life.card, reason: purse.life.reason)
        #expect(try await office.perform(cancel, by: purse.test.clerk).answer.state == .pendingRefund)
    }

    @Test
    func `a load under review blocks the next one until a supervisor lets the card be asked again`() async throws {
        let purse = try await PurseCase()
        let office = purse.test.office
        let job = try await office.perform(purse.load(5000), by: purse.test.clerk).answer.job
        let owner = purse.test.owner
        try await owner.execute("UPDATE purse_load SET state = 'SENT', online_seq = 0")
        let row = try await owner.one("SELECT job_id FROM perso_job WHERE name = \(job)")
        let end = EndLoad(job: try row.value("job_id"), fence: 1, outcome: .review, fault: "moved")
        _ = try await office.perform(end, by: .desk(id: "D1", hall: "H1"))
        await #expect(throws: Refusal.conflict(.loadInReview)) {
            _ = try await office.perform(purse.load(5000), by: purse.test.clerk)
        }
        let reopen = ReopenLoad(card: purse.life.card, reason: purse.life.reason)
        await #expect(throws: Refusal.forbidden(act: "purse.load.reopen", role: "clerk")) {
            _ = try await office.perform(reopen, by: purse.test.clerk)
        }
        #expect(try await office.perform(reopen, by: CardCase.supervisor).answer.job == job)
        #expect(try await office.perform(purse.load(5000), by: purse.test.clerk).answer.job == job)
        await #expect(throws: Refusal.conflict(.jobState("no load in review"))) {
            _ = try await office.perform(reopen, by: CardCase.supervisor)
        }
        #expect(try await purse.balance == 0)
    }

    @Test
    func `purchases are posted once, and what does not hold is named`() async throws {
        let purse = try await PurseCase()
        let job = try await purse.test.office.perform(purse.load(5000), by: purse.test.clerk).answer.job
        try await purse.commit(job)
        let first = try await purse.settle(
            try purse.line(1200, sequence: 0),
            try purse.line(300, sequence: 1, altered: 1)
        )
        #expect(first.acceptedFen == 1200)
        #expect(first.findings.map(\.verdict) == [.tacInvalid] && first.findings[0].line == 2)
        let second = try await purse.settle(
            try purse.line(1200, sequence: 0),
            try purse.line(300, sequence: 1),
            try purse.line(9000, sequence: 2),
            try purse.line(10, sequence: 3, card: CardNumber(city: "3201", sequence: 9).octets)
        )
        #expect(second.acceptedFen == 300)
        #expect(second.findings.map(\.verdict) == [.repeated, .overBalance, .unknownCard])
        let again = try await purse.settle(
            try purse.line(1200, sequence: 0),
            try purse.line(300, sequence: 1),
            try purse.line(9000, sequence: 2),
            try purse.line(10, sequence: 3, card: CardNumber(city: "3201", sequence: 9).octets)
        )
        #expect(again.findings == second.findings && again.acceptedFen == 300)
        #expect(try await purse.balance == 3500)
        let clerk = purse.test.clerk
        let file = SettlementFile(merchant: "shop-1", day: "20260101", lines: [])
        await #expect(throws: Refusal.forbidden(act: "purse.settle", role: "clerk")) {
            _ = try await purse.test.office.perform(SettlePurchases(file, octets: file.encoded), by: clerk)
        }
    }

    @Test
    func `eight files with one line at once take it once`() async throws {
        let purse = try await PurseCase()
        let job = try await purse.test.office.perform(purse.load(5000), by: purse.test.clerk).answer.job
        try await purse.commit(job)
        let shared = try purse.line(700, sequence: 0)
        let own = try (1...8).map { try purse.line(10, sequence: UInt16($0)) }
        await withTaskGroup(of: Void.self) { group in
            for line in own { group.addTask { _ = try? await purse.settle(shared, line) } }
        }
        #expect(try await purse.balance == 5000 - 700 - 80)
        let row = try await purse.test.owner.one(
            "SELECT count(*) AS n FROM purchase_line WHERE verdict = 'accepted' AND amount_fen = 700"
        )
        #expect(try row.value("n") == Int64(1))
    }

    @Test
    func `the database keeps the ledger's rules by itself`() async throws {
        let purse = try await PurseCase()
        let job = try await purse.test.office.perform(purse.load(5000), by: purse.test.clerk).answer.job
        try await purse.commit(job)
        let owner = purse.test.owner
        for statement: Query in [
            "UPDATE purse SET balance_fen = balance_fen + 1", "UPDATE purse_entry SET delta_fen = 1",
            "DELETE FROM purse_entry",
            """
            INSERT INTO purse_entry (card_id, seq, kind, delta_fen, balance_before, balance_after, idem, evidence_tx, at)
            SELECT card_id, 4, 'load', 1, 5000, 5001, 'gap', '\\x00', now() FROM purse
            """,
            """
            INSERT INTO purse_entry (card_id, seq, kind, delta_fen, balance_before, balance_after, idem, evidence_tx, at)
            SELECT card_id, 3, 'load', 1, 4000, 4001, 'other', '\\x00', now() FROM purse
            """,
            """
            INSERT INTO purse_entry (card_id, seq, kind, delta_fen, balance_before, balance_after, idem, evidence_tx, at)
            SELECT card_id, 3, 'purchase', -5001, 5000, -1, 'minus', '\\x00', now() FROM purse
            """,
        ] {
            await #expect(throws: DatabaseFault.self) { try await owner.execute(statement) }
        }
    }
}
