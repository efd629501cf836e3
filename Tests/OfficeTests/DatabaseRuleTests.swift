import Cards
import Database
import Encodings
import Office
import Testing

@Suite("数据库自守 what the database refuses by itself, whatever the program does")
struct DatabaseRuleTests {
    @Test
    func `the moves of the database are the moves of the table, one by one`() async throws {
        let test = try await TestOffice()
        var table: Set<[Int16]> = []
        for state in CardState.allCases {
            for event in CardEvent.allCases {
                if let next = CardLife.next(state, event) { table.insert([state.rawValue, next.rawValue]) }
            }
        }
        var listed: Set<[Int16]> = []
        for row in try await test.owner.all("SELECT from_state, to_state FROM card_move") {
            listed.insert([try row.value("from_state"), try row.value("to_state")])
        }
        #expect(listed == table)
        #expect(table.count == 39)
        let states = try await test.owner.all("SELECT state FROM card_state ORDER BY state")
        #expect(try states.map { try $0.value("state") } == CardState.allCases.map(\.rawValue))
    }

    @Test
    func `no state without its event, no move that is not listed, no second live card`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        let row = try await hall.test.owner.one("SELECT card_id, resident_id FROM card")
        let id: Int64 = try row.value("card_id")
        let resident: Int64 = try row.value("resident_id")
        let app = try await Database.open(DatabaseSettings(conninfo: hall.test.conninfo))
        let tx = [UInt8](repeating: 1, count: 16)
        let attempts: [(Query, String)] = [
            ("UPDATE card SET state = 5 WHERE card_id = \(id)", "card_state_has_event"),
            ("UPDATE card SET state = 5, row_ver = 2 WHERE card_id = \(id)", "card_state_has_event"),
            (event(id, 2, 1, 5, tx), "card_event_move"), (event(id, 2, 1, 14, tx), "card_event_move"),
            // Not the state that the last event left, a gap, a second beginning.
            (event(id, 2, 4, 5, tx), "card_event_chain"), (event(id, 3, 1, 2, tx), "card_event_chain"),
            (event(id, 2, 0, 1, tx), "card_event_first"), (event(id, 1, 0, 1, tx), "card_event_pkey"),
        ]
        for (attempt, constraint) in attempts {
            let fault = await #expect(throws: DatabaseFault.self, "\(constraint)") { try await app.execute(attempt) }
            guard case .server(_, _, constraint, _) = fault else {
                Issue.record("\(constraint): \(String(describing: fault))")
                continue
            }
        }
        // A second card under way, and a second live one, of the same holder and kind.
        for state in [Int16(1), 5] {
            let index = state == 1 ? "card_one_under_way" : "card_one_live"
            let fault = await #expect(throws: DatabaseFault.self) {
                try await hall.test.owner.transaction { transaction in
                    if state == 5 { try await self.forceActive(id, tx, in: transaction) }
                    for number in [Int64(700), 701].prefix(state == 5 ? 1 : 2) {
                        try await self.insert(number, resident, state, tx, in: transaction)
                    }
                }
            }
            guard case .server(_, _, index, _) = fault else {
                Issue.record("\(index): \(String(describing: fault))")
                continue
            }
        }
        #expect(try await hall.state(card).state == .ordered)
        await app.close()
    }

    /// Walks a card to ACTIVE by listed moves.
    private func forceActive(_ id: Int64, _ tx: [UInt8], in transaction: borrowing Transaction) async throws {
        for (seq, from, to) in [(Int32(2), Int16(1), Int16(2)), (3, 2, 4), (4, 4, 5)] {
            try await transaction.execute(event(id, seq, from, to, tx))
            try await transaction.execute("UPDATE card SET state = \(to), row_ver = \(seq) WHERE card_id = \(id)")
        }
    }

    private func insert(
        _ id: Int64,
        _ resident: Int64,
        _ last: Int16,
        _ tx: [UInt8],
        in transaction: borrowing Transaction
    ) async throws {
        try await transaction.execute(event(id, 1, 0, 1, tx))
        let reference = [UInt8](repeating: UInt8(truncatingIfNeeded: id), count: 16)
        try await transaction.execute(
            """
            INSERT INTO card (card_id, reference, resident_id, kind, state, number_bi, number_enc, row_ver, ordered_at)
            VALUES (\(id), \(reference), \(resident), 1, 1, \(reference), \(reference), 1, now())
            """
        )
        if last == 5 { try await forceActive(id, tx, in: transaction) }
    }

    private func event(_ id: Int64, _ seq: Int32, _ from: Int16, _ to: Int16, _ tx: [UInt8]) -> Query {
        """
        INSERT INTO card_event (card_id, seq, from_state, to_state, actor, evidence_tx, at)
        VALUES (\(id), \(seq), \(from), \(to), 'test', \(tx), now())
        """
    }

    @Test
    func `evidence and history are only ever added to`() async throws {
        let hall = try await TestHall()
        _ = try await hall.order()
        let app = try await Database.open(DatabaseSettings(conninfo: hall.test.conninfo))
        let attempts: [Query] = [
            "UPDATE evidence_pending SET act = 'x'", "DELETE FROM evidence_pending", "TRUNCATE evidence_pending",
            "UPDATE card_event SET reason = 'x'", "DELETE FROM card_event", "TRUNCATE card_event CASCADE",
            "ALTER TABLE evidence_pending DISABLE TRIGGER ALL", "DROP TABLE evidence_pending",
            "UPDATE card_move SET to_state = 5", "INSERT INTO card_move (from_state, to_state) VALUES (1, 5)",
            "DELETE FROM card", "DELETE FROM resident", "DELETE FROM idempotency", "DELETE FROM key_version",
            "SET session_replication_role = replica",
        ]
        for attempt in attempts {
            await #expect(throws: DatabaseFault.self, "\(attempt)") { try await app.execute(attempt) }
            // The owner is stopped by the triggers.
        }
        for attempt in attempts.prefix(5) {
            await #expect(throws: DatabaseFault.self, "\(attempt)") { try await hall.test.owner.execute(attempt) }
        }
        #expect(try await hall.test.acts().count == 4)
        await app.close()
    }

    @Test
    func `an entry is canonical JSON of at most 4096 octets without a personal datum`() async throws {
        let hall = try await TestHall()
        let made = try await hall.made("R")
        try await hall.start(made.card, "R", .activate)
        let desk = try hall.desk("R")
        desk.card = made.chip
        #expect(try await desk.work() == .activated)
        let file = try await hall.test.office.perform(
            ShowResident(hall.holder(of: made.card), reason: LookReason("核对")),
            by: hall.clerk
        ).answer.file
        let rows = try await hall.test.owner.all("SELECT body, opening FROM evidence_pending")
        #expect(rows.count >= 9)
        let secrets = TestHall.canaries + [file.documentNumber, desk.pin, "clerk1", "wang"]
        for row in rows {
            let body: String = try row.value("body")
            let json = try JSONReader.read(Array(body.utf8))
            #expect(json.canonical == Array(body.utf8))
            #expect(body.utf8.count <= 4096)
            let opening: [UInt8] = try row.value("opening", as: [UInt8]?.self) ?? []
            for secret in secrets {
                #expect(!body.contains(secret))
                #expect(!opening.contains(Array(secret.utf8)))
            }
            for member in ["v", "act", "actor", "object", "at", "outcome", "policy", "tx"] {
                #expect(json[member] != nil, "\(member)")
            }
        }
    }
}
