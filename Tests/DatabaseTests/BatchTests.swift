import Database
import TestSupport
import Testing

@Suite("批处理 Batches and the queue")
struct BatchTests {
    /// One worker only, with a table, so that a held transaction keeps everything else waiting.
    private static func narrow(_ change: (inout DatabaseSettings) -> Void = { _ in }) async throws -> Database {
        var settings = DatabaseSettings(conninfo: try await PrivateCluster.freshDatabase().conninfo)
        settings.connections = 1
        change(&settings)
        let database = try await Database.open(settings)
        try await database.execute("CREATE TABLE entry (id int8 CONSTRAINT entry_key PRIMARY KEY, worth int4)")
        return database
    }

    /// Holds the only worker until the gate opens.
    private static func hold(_ database: Database) async -> (gate: Gate, holder: Task<Void, any Error>) {
        let gate = Gate()
        let started = Gate()
        let holder = Task {
            try await database.transaction { _ in
                started.open()
                await gate.wait()
            }
        }
        await started.wait()
        return (gate, holder)
    }

    @Test
    func `appends that wait together are committed together`() async throws {
        let database = try await BatchTests.narrow()
        let (gate, holder) = await BatchTests.hold(database)
        try await withThrowingTaskGroup { group in
            for id in 1...20 {
                group.addTask {
                    try await database.append("INSERT INTO entry (id) VALUES (\(id)) ON CONFLICT DO NOTHING")
                }
            }
            try await eventually("twenty jobs wait") { database.waitingJobs == 20 }
            gate.open()
            try await group.waitForAll()
        }
        try await holder.value
        let row = try await database.one("SELECT count(*), count(DISTINCT xmin::text) AS transactions FROM entry")
        #expect(try row.value("count") == 20)
        #expect(try row.value("transactions") == 1)
        await database.close()
    }

    @Test
    func `one bad member hurts no other and doubles none`() async throws {
        let database = try await BatchTests.narrow()
        try await database.execute("INSERT INTO entry (id) VALUES (3)")
        let (gate, holder) = await BatchTests.hold(database)
        let outcomes = try await withThrowingTaskGroup(of: (Int, DatabaseFault?).self) { group in
            for id in 1...9 {
                group.addTask {
                    do throws(DatabaseFault) {
                        try await database.append("INSERT INTO entry (id) VALUES (\(id))")
                        return (id, nil)
                    } catch { return (id, error) }
                }
            }
            try await eventually("nine jobs wait") { database.waitingJobs == 9 }
            gate.open()
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        try await holder.value
        #expect(outcomes.keys.sorted() == [3])
        #expect(outcomes[3]?.constraint == "entry_key")
        #expect(outcomes[3]?.sqlstate == "23505")
        #expect(!"\(String(describing: outcomes[3]))".contains("(id)="))
        #expect(try await database.one("SELECT count(*) FROM entry").value(at: 0) == 9)
        await database.close()
    }

    @Test
    func `one bad look-up hurts no other`() async throws {
        let database = try await BatchTests.narrow()
        let (gate, holder) = await BatchTests.hold(database)
        async let good = database.one("SELECT 1::int8 AS one").value("one", as: Int.self)
        let bad = Task { try await database.one("SELECT 1 / \(Int32(0)) AS none") }
        async let other = database.one("SELECT \(2)::int8 AS two").value("two", as: Int.self)
        try await eventually("three jobs wait") { database.waitingJobs == 3 }
        gate.open()
        #expect(try await good == 1)
        #expect(try await other == 2)
        let fault = await #expect(throws: DatabaseFault.self) { _ = try await bad.value }
        #expect(fault?.sqlstate == "22012")
        try await holder.value
        await database.close()
    }

    @Test
    func `a look-up cannot write`() async throws {
        let database = try await BatchTests.narrow()
        let fault = await #expect(throws: DatabaseFault.self) {
            _ = try await database.all("INSERT INTO entry (id) VALUES (1) RETURNING id")
        }
        #expect(fault?.sqlstate == "25006")
        #expect(try await database.returning("INSERT INTO entry (id) VALUES (1) RETURNING id").count == 1)
        await database.close()
    }

    @Test
    func `a job whose deadline has passed is never sent`() async throws {
        let database = try await BatchTests.narrow()
        let (gate, holder) = await BatchTests.hold(database)
        let late = Task { try await database.execute("INSERT INTO entry (id) VALUES (1)", deadline: .now) }
        let lateAppend = Task { try await database.append("INSERT INTO entry (id) VALUES (2)", deadline: .now) }
        try await eventually("both wait") { database.waitingJobs == 2 }
        gate.open()
        await #expect(throws: DatabaseFault.timeout) { try await late.value }
        await #expect(throws: DatabaseFault.timeout) { try await lateAppend.value }
        try await holder.value
        #expect(try await database.one("SELECT count(*) FROM entry").value(at: 0) == 0)
        await database.close()
    }

    @Test
    func `a full queue refuses the next job at once`() async throws {
        let database = try await BatchTests.narrow { $0.queueLimit = 2 }
        let (gate, holder) = await BatchTests.hold(database)
        async let first = database.one("SELECT 1")
        async let second = database.one("SELECT 2")
        try await eventually("the queue is full") { database.waitingJobs == 2 }
        await #expect(throws: DatabaseFault.tooBusy) { _ = try await database.one("SELECT 3") }
        await #expect(throws: DatabaseFault.tooBusy) { try await database.transaction { _ in } }
        gate.open()
        _ = try await (first, second)
        try await holder.value
        await database.close()
    }

    @Test
    func `a closed database finishes what waits and refuses the rest`() async throws {
        let database = try await BatchTests.narrow()
        let (gate, holder) = await BatchTests.hold(database)
        async let waiting = database.one("SELECT 5::int8").value(at: 0, as: Int.self)
        try await eventually("it waits") { database.waitingJobs == 1 }
        async let closing: Void = database.close()
        gate.open()
        #expect(try await waiting == 5)
        try await holder.value
        await closing
        await #expect(throws: DatabaseFault.closed) { _ = try await database.one("SELECT 1") }
    }

    @Test
    func `statements that the server has lost or changed are prepared again`() async throws {
        let database = try await BatchTests.narrow { $0.statementCacheLimit = 2 }
        for round in 1...3 {
            try await database.execute("INSERT INTO entry (id) VALUES (\(round))")
            #expect(try await database.one("SELECT count(*) FROM entry").value(at: 0) == round)
            #expect(try await database.all("SELECT * FROM entry").count == round)
        }
        #expect(try await database.one("SELECT count(*) <= 4 FROM pg_prepared_statements").value(at: 0) == true)
        try await database.execute("ALTER TABLE entry ALTER COLUMN worth TYPE int8")
        #expect(try await database.all("SELECT * FROM entry").count == 3)
        try await database.execute("DEALLOCATE ALL")
        #expect(try await database.all("SELECT * FROM entry").count == 3)
        #expect(try await database.execute("UPDATE entry SET worth = \(1)") == 3)
        await database.close()
    }
}
