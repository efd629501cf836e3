import CardEngine
import CardSimulator
import Cards
import Cryptography
import Database
import Encodings
import Identity
import KeyHierarchy
import Octets
import Office

/// 服务大厅 A service hall over a test office: a clerk and a desk in their rows, residents, blank cards, a relay.
final class TestHall: Sendable {
    /// What no log, row or evidence may show in the clear.
    static let canaries = ["钱璩璿", "13907654321", "璇玑巷 404 号"]

    let test: TestOffice
    /// A clerk with a row, as a job needs.
    let clerk: Caller
    let relay: RelayService
    private let workers: WorkerThreads
    private let nextPerson = Lock(0)
    private let nextChip = Lock(UInt32(100))

    init(draw: (@Sendable (CardFaceOrder) throws -> CardFacePicture)? = nil) async throws {
        test = try await TestOffice()
        let admin = Caller.account(name: "console", role: "system-admin")
        let staff = AddStaff(userName: "clerk1", role: "clerk", hall: "H1", verifier: "none", timeSecret: [1, 2, 3])
        let number = try await test.office.perform(staff, by: admin).answer.staff
        clerk = .staff(StaffCaller(id: number, userName: "clerk1", role: "clerk", hall: "H1"))
        let desk = AddDesk(desk: "D1", hall: "H1", fingerprint: [UInt8](repeating: 0xD1, count: 32))
        _ = try await test.office.perform(desk, by: admin)
        workers = WorkerThreads(count: 2, name: "hall")
        relay = RelayService(office: test.office, workers: workers, lot: TestOffice.lot, draw: draw)
    }

    /// A relay in a service that was started again over the same database, and its office, to be closed after use.
    func restarted() async throws -> (relay: RelayService, office: Office) {
        let office = try await test.restarted(connections: 1)
        return (RelayService(office: office, workers: workers, lot: TestOffice.lot), office)
    }

    /// A desk at a reader of its own.
    func desk(_ reader: String, _ relay: RelayService? = nil) throws -> DeskDouble {
        let key = try test.office.keys.signer("perso.batch").publicKey
        return DeskDouble(relay ?? self.relay, batchKey: key, reader: reader)
    }

    /// A fresh blank chip.
    func blank(lotMaster: [UInt8] = TestOffice.lotMaster) throws -> VirtualCard {
        let number = nextChip.with { number in
            number += 1
            return number
        }
        return VirtualCard(
            try CardImage(blank: ChipSerial(number: number), lotMaster: lotMaster),
            random: SeededRandom(seed: UInt64(number), actor: "chip")
        )
    }

    /// A resident with an address, a phone number and a name that are canaries.
    func resident() async throws -> Int64 {
        let number = nextPerson.with { number in
            number += 1
            return number
        }
        var entered = Particulars.Entered()
        entered.name = Self.canaries[0]
        entered.documentType = "01"
        entered.documentNumber = Self.documentNumber(number)
        entered.district = "320102"
        entered.phone = Self.canaries[1]
        entered.address = Self.canaries[2]
        return try await test.office.perform(RegisterResident(entered), by: clerk).answer.resident
    }

    /// GB 11643-1999 with its check digit; sequence 1 to 999 of a day long past.
    static func documentNumber(_ sequence: Int) -> String {
        let serial = String(sequence % 999 + 1)
        let day = sequence < 999 ? "0101" : "0102"
        let text = "3201021900\(day)" + String(repeating: "0", count: 3 - serial.count) + serial
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(text.utf8, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
        return text + String(Array("10X98765432")[sum % 11])
    }

    /// An ordered card's reference.
    func order() async throws -> [UInt8] {
        let answer = try await test.office.perform(OrderCard(resident: resident(), kind: 1), by: clerk).answer
        return try Hex.decode(answer.card)
    }

    /// Starts a job of a card on a reader; its name.
    @discardableResult
    func start(_ card: [UInt8], _ reader: String, _ purpose: StartJob.Purpose = .issue) async throws -> String {
        let act = StartJob(card: card, desk: "D1", reader: reader, purpose: purpose)
        return try await test.office.perform(act, by: clerk).answer.job
    }

    /// A card that was made on the reader and waits for its holder, with its chip.
    func made(_ reader: String) async throws -> (card: [UInt8], chip: VirtualCard?) {
        let card = try await order()
        try await start(card, reader)
        let desk = try desk(reader)
        desk.card = try blank()
        guard try await desk.work() == .finished else { throw Refusal.conflict(.jobState("not made")) }
        return (card, desk.card)
    }

    /// Where a card stands, and on which chip.
    func state(_ card: [UInt8]) async throws -> (state: Cards.CardState?, csn: [UInt8]?) {
        let row = try await test.owner.one("SELECT state, csn FROM card WHERE reference = \(card)")
        return (Cards.CardState(rawValue: try row.value("state")), try row.value("csn"))
    }

    /// Where a job stands.
    struct Job: Equatable {
        let state: String
        let resumes: Int16
    }

    /// The card's last job.
    func job(_ card: [UInt8]) async throws -> Job {
        let row = try await test.owner.one(
            """
            SELECT j.state, j.resumes FROM perso_job j JOIN card c USING (card_id)
            WHERE c.reference = \(card) ORDER BY j.job_id DESC LIMIT 1
            """
        )
        return Job(state: try row.value("state"), resumes: try row.value("resumes"))
    }

    /// What must hold over all rows at any time: the faults found, none when all is well.
    func contradictions() async throws -> [String] {
        let row = try await test.owner.one(
            """
            SELECT (SELECT count(csn) - count(DISTINCT csn) FROM card) AS chips,
                (SELECT count(*) - count(DISTINCT number_bi) FROM card) AS numbers,
                (SELECT count(*) FROM (SELECT 1 FROM card WHERE state IN (1, 2, 3, 4, 5, 6, 8)
                    GROUP BY resident_id, kind HAVING count(*) > 1) x) AS twice,
                (SELECT count(*) FROM card_event e WHERE NOT EXISTS
                    (SELECT 1 FROM evidence_pending p WHERE p.tx = e.evidence_tx)) AS unproven,
                (SELECT count(*) FROM card c WHERE c.state >= 4 AND (SELECT count(*) FROM certificate t
                    WHERE t.card_id = c.card_id AND t.state = 1) NOT IN (0, 4)) AS certificates
            """
        )
        return try ["chips", "numbers", "twice", "unproven", "certificates"].filter { column in
            try row.value(column, as: Int64.self) != 0
        }
    }
}

extension TestHall {
    /// The resident of a card.
    func holder(of card: [UInt8]) async throws -> Int64 {
        try await test.owner.one("SELECT resident_id FROM card WHERE reference = \(card)").value("resident_id")
    }
}
