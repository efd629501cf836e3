import CardEngine
import Cards
import Certificates
import Cryptography
import Database
import Encodings
import KeyHierarchy
import Octets
import Office
import Policies
import Testing

@Suite("事项 every act: refused caller, repeated key, crash between")
struct ActTests {
    @Test
    func `a card is ordered once a kind, by a clerk`() async throws {
        let hall = try await TestHall()
        let test = hall.test
        let resident = try await hall.resident()
        let act = OrderCard(resident: resident, kind: 1)
        let proof = ActProof(test: test, rows: "SELECT count(*) FROM card")
        let answer = try await proof.proven(
            act,
            by: hall.clerk,
            refused: [test.hotline, test.auditor, test.operating, .desk(id: "D1", hall: "H1")]
        )
        #expect(try await hall.state(Hex.decode(answer.card)).state == .ordered)
        await #expect(throws: Refusal.conflict(.cardUnderWay)) { try await test.office.perform(act, by: hall.clerk) }
        _ = try await test.office.perform(OrderCard(resident: resident, kind: 2), by: hall.clerk)
        await #expect(throws: Refusal.invalid(field: "kind", .unknown)) {
            try await test.office.perform(OrderCard(resident: resident, kind: 99), by: hall.clerk)
        }
        await #expect(throws: Refusal.absent(.resident)) {
            try await test.office.perform(OrderCard(resident: 1, kind: 1), by: hall.clerk)
        }
        #expect(try await hall.contradictions().isEmpty)
    }

    @Test
    func `eight clerks order for one resident at once, and one card is under way`() async throws {
        let hall = try await TestHall()
        let act = OrderCard(resident: try await hall.resident(), kind: 1)
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (try? await hall.test.office.perform(act, by: hall.clerk)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 1)
        #expect(try await hall.contradictions().isEmpty)
    }

    @Test
    func `card work is started for the own hall's desk, once a card`() async throws {
        let hall = try await TestHall()
        let test = hall.test
        let card = try await hall.order()
        let act = StartJob(card: card, desk: "D1", reader: "R", purpose: .issue)
        let proof = ActProof(test: test, rows: "SELECT count(*) FROM perso_job")
        let name = try await proof.proven(
            act,
            by: hall.clerk,
            refused: [test.hotline, test.auditor, test.operating, .desk(id: "D1", hall: "H1")]
        ).job
        // Again, from another reader: the one job moves there.
        let moved = StartJob(card: card, desk: "D1", reader: "S", purpose: .issue)
        #expect(try await test.office.perform(moved, by: hall.clerk).answer.job == name)
        #expect(try await test.owner.one("SELECT reader FROM perso_job").value("reader") == "S")
        // Another card at a reader with an open job waits.
        await #expect(throws: Refusal.conflict(.readerBusy)) { try await hall.start(hall.order(), "S") }
        await #expect(throws: Refusal.conflict(.cardState("ordered"))) { try await hall.start(card, "S", .activate) }
        let unknown = StartJob(card: card, desk: "D9", reader: "R", purpose: .issue)
        await #expect(throws: Refusal.absent(.desk)) { try await test.office.perform(unknown, by: hall.clerk) }
        let elsewhere = Caller.staff(StaffCaller(id: 5, userName: "clerk9", role: "clerk", hall: "H2"))
        await #expect(throws: Refusal.absent(.desk)) { try await test.office.perform(act, by: elsewhere) }
        await #expect(throws: Refusal.invalid(field: "reader", .length)) { try await hall.start(card, "") }
        await #expect(throws: Refusal.absent(.card)) { try await hall.start([UInt8](repeating: 0, count: 16), "T") }
    }

    @Test
    func `staff are added by a system administrator, one name once`() async throws {
        let test = try await TestOffice()
        let admin = Caller.account(name: "console", role: "system-admin")
        let act = AddStaff(userName: "wang.fang", role: "clerk", hall: "H1", verifier: "v", timeSecret: [7, 7, 7])
        let proof = ActProof(test: test, rows: "SELECT count(*) FROM staff")
        _ = try await proof.proven(act, by: admin, refused: [test.clerk, test.auditor, test.operating])
        await #expect(throws: Refusal.conflict(.userNameTaken)) { try await test.office.perform(act, by: admin) }
        for (name, role, hall, field) in [
            ("", "clerk", "H1", "user"), ("Wang", "clerk", "H1", "user"), ("a b", "clerk", "H1", "user"),
            (String(repeating: "a", count: 65), "clerk", "H1", "user"), ("a", "king", "H1", "role"),
            ("a", "clerk", "", "hall"),
        ] {
            let wrong = AddStaff(userName: name, role: role, hall: hall, verifier: "v", timeSecret: [1])
            let refusal = await #expect(throws: Refusal.self) { try await test.office.perform(wrong, by: admin) }
            guard case .invalid(field, _) = refusal else {
                Issue.record("\(name) \(role) \(hall): \(String(describing: refusal))")
                continue
            }
        }
        let sealed: [UInt8] = try await test.owner.one("SELECT totp_enc FROM staff").value("totp_enc")
        #expect(!Hex.encode(sealed).contains("070707"))
    }

    @Test
    func `a desk is added by an operator, and again with a fresh certificate`() async throws {
        let test = try await TestOffice()
        let act = AddDesk(desk: "D7", hall: "H1", fingerprint: [UInt8](repeating: 7, count: 32))
        let proof = ActProof(test: test, rows: "SELECT count(*) FROM desk")
        _ = try await proof.proven(act, by: test.operating, refused: [test.clerk, test.hotline, test.auditor])
        let renewed = AddDesk(desk: "D7", hall: "H2", fingerprint: [UInt8](repeating: 8, count: 32))
        _ = try await test.office.perform(renewed, by: test.operating)
        let row = try await test.owner.one("SELECT hall, fingerprint FROM desk")
        #expect(try row.value("hall") == "H2")
        #expect(try row.value("fingerprint") == renewed.fingerprint)
        for (desk, hall) in [("", "H1"), ("窗口", "H1"), ("a b", "H1"), ("D1", "")] {
            let wrong = AddDesk(desk: desk, hall: hall, fingerprint: [1])
            await #expect(throws: Refusal.self) { try await test.office.perform(wrong, by: test.operating) }
        }
        // One certificate is one desk.
        let taken = AddDesk(desk: "D8", hall: "H1", fingerprint: renewed.fingerprint)
        await #expect(throws: Refusal.conflict(.certificateTaken)) {
            try await test.office.perform(taken, by: test.operating)
        }
    }

    @Test
    func `a ceremony is held by key officers, and its keys are written down once`() async throws {
        let test = try await TestOffice()
        let officer = Caller.account(name: "console", role: "key-officer")
        let secret = SecretOctets(copying: [UInt8](repeating: 0x5C, count: 16))
        let work = try CeremonyWork.receive("lot", "card.transport.L002", secret, in: test.office)
        let proof = ActProof(test: test, rows: "SELECT count(*) FROM key_version")
        _ = try await proof.proven(
            HoldCeremony(work),
            by: officer,
            refused: [test.clerk, test.operating, test.auditor, .account(name: "console", role: "system-admin")]
        )
        let records = try await KeyRegister.records(in: test.owner)
        #expect(records.map(\.name.purpose) == ["card.transport.L002"])
        #expect(records[0].checkValue == work.records[0].checkValue)
        let block: [UInt8]? = try await test.owner.one("SELECT wrapped FROM key_version").value("wrapped")
        #expect(!Hex.encode(block ?? []).contains("5c5c5c5c"))
        await #expect(throws: Refusal.conflict(.keysExist)) {
            try await test.office.perform(HoldCeremony(work), by: officer)
        }
        // Nothing is made that is there already.
        let none = try CeremonyWork.carryOut("root", makes: ["root.kek", "perso.batch"], in: test.office) { _ in }
        #expect(none.records.isEmpty && none.authorities.isEmpty)
    }

    @Test
    func `a look at the artwork is evidence, and its picture is kept under no key`() async throws {
        let hall = try await TestHall { order in
            CardFacePicture(png: Array("PNG \(order.name)".utf8), pdf: Array("PDF \(order.number)".utf8))
        }
        let test = hall.test
        let card = try await hall.made("R").card
        let act = ShowArtwork(card: card, form: .png)
        let proof = ActProof(test: test, rows: "SELECT count(*) FROM card_artwork")
        try await proof.refuses(act, [test.auditor, test.operating, .desk(id: "D1", hall: "H1")])
        let key = Office.RequestKey(key: "picture-1", requestHash: [1])
        let keys = try await test.owner.one("SELECT count(*) AS n FROM idempotency").value("n", as: Int64.self)
        let shown = try await test.office.perform(act, by: hall.clerk, key: key).answer.octets
        #expect(shown == Array("PNG \(TestHall.canaries[0])".utf8))
        #expect(try await test.owner.one("SELECT count(*) AS n FROM idempotency").value("n") == keys)
        #expect(try await test.acts().last == "pii.look")
        let sealed: [UInt8] = try await test.owner.one("SELECT png_enc FROM card_artwork").value("png_enc")
        #expect(!Hex.encode(sealed).contains(Hex.encode(Array(TestHall.canaries[0].utf8))))
        await #expect(throws: Refusal.absent(.artwork)) {
            try await test.office.perform(ShowArtwork(card: hall.order(), form: .pdf), by: hall.clerk)
        }
    }

    @Test
    func `a job is shown to those who work with it, without a personal datum`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        let name = try await hall.start(card, "R")
        let status = try await JobStatus.of(name, for: hall.clerk, hall.test.office).get()
        #expect(status["state"]?.string == "QUEUED" && status["done"]?.integer == 0)
        for canary in TestHall.canaries { #expect(!status.text.contains(canary)) }
        for caller in [hall.test.hotline, hall.test.auditor] {
            let refused = await JobStatus.of(name, for: caller, hall.test.office)
            #expect(throws: Refusal.forbidden(act: "job.show", role: caller.role)) { try refused.get() }
        }
        let unknown = await JobStatus.of("J-1", for: hall.clerk, hall.test.office)
        #expect(throws: Refusal.absent(.job)) { try unknown.get() }
        let desk = try hall.desk("R")
        desk.card = try hall.blank()
        #expect(try await desk.work() == .finished)
        let done = try await JobStatus.of(name, for: hall.clerk, hall.test.office).get()
        #expect(done["state"]?.string == "READY" && done["done"] == done["of"] && done["cardState"]?.integer == 4)
    }

    @Test
    func `relay acts are a desk's alone`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        try await hall.start(card, "R")
        let desk = try hall.desk("R")
        desk.card = try hall.blank()
        #expect(try await desk.work() == .finished)
        let actors = try await hall.test.owner.all(
            "SELECT DISTINCT body::json->>'actor' AS actor FROM evidence_pending WHERE act LIKE 'card.personalise.%'"
        )
        #expect(try actors.map { try $0.value("actor", as: String.self) } == ["d:D1"])
        // A desk may relay and nothing else; the roles of people may relay nothing.
        let order = OrderCard(resident: 1, kind: 1)
        await #expect(throws: Refusal.forbidden(act: "card.order", role: "desk")) {
            try await hall.test.office.perform(order, by: .desk(id: "D1", hall: "H1"))
        }
        for role in hall.test.office.roles.roles {
            #expect(!role.permissions.contains { $0.hasPrefix("relay.") })
        }
    }
}
