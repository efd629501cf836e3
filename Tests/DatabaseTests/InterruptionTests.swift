import Database
import TestSupport
import Testing

@Suite("中断 Cancellation, deadlines and lost connections")
struct InterruptionTests {
    /// A database, and a second handle on it that watches and kills the first one's backends.
    private struct Pair {
        let subject: Database
        let observer: Database

        init() async throws {
            let fresh = try await PrivateCluster.freshDatabase()
            var settings = DatabaseSettings(conninfo: fresh.conninfo + " application_name=subject")
            settings.connections = 1
            subject = try await Database.open(settings)
            settings.conninfo = fresh.conninfo
            observer = try await Database.open(settings)
            try await subject.execute("CREATE TABLE entry (id int8 CONSTRAINT entry_key PRIMARY KEY)")
        }

        /// Waits until the subject's backend sleeps inside a statement.
        func untilAsleep() async throws {
            try await eventually("the backend sleeps") { try await backends("wait_event = 'PgSleep'") > 0 }
        }

        /// Ends the subject's backends and waits until they are gone.
        func kill() async throws {
            let subjects: Query = "application_name = 'subject' AND datname = current_database()"
            try await observer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(fragment: subjects)"
            )
            try await eventually("the backend is gone") { try await backends("true") == 0 }
        }

        func backends(_ condition: Query) async throws -> Int {
            try await observer.one(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE application_name = 'subject' AND datname = current_database() AND \(fragment: condition)
                """
            ).value(at: 0)
        }

        func count() async throws -> Int { try await observer.one("SELECT count(*) FROM entry").value(at: 0) }

        func close() async {
            await subject.close()
            await observer.close()
        }
    }

    @Test
    func `a cancelled look-up ends at once and the next one works`() async throws {
        let pair = try await Pair()
        let sleeper = Task { try await pair.subject.one("SELECT pg_sleep(60)") }
        try await pair.untilAsleep()
        sleeper.cancel()
        await #expect(throws: DatabaseFault.cancelled) { _ = try await sleeper.value }
        #expect(try await pair.subject.one("SELECT 1::int8").value(at: 0) == 1)
        try await eventually("the statement has ended") { try await pair.backends("wait_event = 'PgSleep'") == 0 }
        await pair.close()
    }

    @Test
    func `a job cancelled while it waits is never sent`() async throws {
        let pair = try await Pair()
        let gate = Gate()
        let started = Gate()
        let holder = Task {
            try await pair.subject.transaction { _ in
                started.open()
                await gate.wait()
            }
        }
        await started.wait()
        let waiting = Task { try await pair.subject.execute("INSERT INTO entry (id) VALUES (1)") }
        try await eventually("it waits") { pair.subject.waitingJobs == 1 }
        waiting.cancel()
        await #expect(throws: DatabaseFault.cancelled) { _ = try await waiting.value }
        gate.open()
        try await holder.value
        #expect(try await pair.count() == 0)
        await pair.close()
    }

    @Test
    func `a write under way is not cancelled`() async throws {
        let pair = try await Pair()
        let writer = Task {
            try await pair.subject.execute("INSERT INTO entry (id) SELECT 1 FROM (SELECT pg_sleep(0.3)) AS pause")
        }
        try await pair.untilAsleep()
        writer.cancel()
        #expect(try await writer.value == 1)
        #expect(try await pair.count() == 1)
        await pair.close()
    }

    @Test
    func `a cancelled transaction leaves nothing`() async throws {
        let pair = try await Pair()
        let body = Task {
            try await pair.subject.transaction { transaction in
                try await transaction.execute("INSERT INTO entry (id) VALUES (1)")
                _ = try await transaction.one("SELECT pg_sleep(60)")
            }
        }
        try await pair.untilAsleep()
        body.cancel()
        await #expect(throws: DatabaseFault.cancelled) { try await body.value }
        #expect(try await pair.count() == 0)
        #expect(try await pair.subject.execute("INSERT INTO entry (id) VALUES (1)") == 1)
        await pair.close()
    }

    @Test
    func `a deadline ends a look-up and a transaction, and leaves a write in doubt`() async throws {
        let pair = try await Pair()
        let soon = Duration.milliseconds(150)
        await #expect(throws: DatabaseFault.timeout) {
            _ = try await pair.subject.one("SELECT pg_sleep(60)", deadline: .now + soon)
        }
        await #expect(throws: DatabaseFault.timeout) {
            try await pair.subject.transaction(deadline: .now + soon) { transaction in
                try await transaction.execute("INSERT INTO entry (id) SELECT 1 FROM (SELECT pg_sleep(60)) AS pause")
            }
        }
        await #expect(throws: DatabaseFault.commitUnknown) {
            try await pair.subject.execute(
                "INSERT INTO entry (id) SELECT 2 FROM (SELECT pg_sleep(60)) AS pause",
                deadline: .now + soon
            )
        }
        try await pair.kill()
        #expect(try await pair.count() == 0)
        await pair.close()
    }

    @Test
    func `a body that outlives its deadline loses the transaction`() async throws {
        let pair = try await Pair()
        await #expect(throws: DatabaseFault.timeout) {
            try await pair.subject.transaction(deadline: .now + .milliseconds(100)) { transaction in
                try await transaction.execute("INSERT INTO entry (id) VALUES (1)")
                try await eventually("the server has dropped the transaction") {
                    try await pair.backends("state = 'idle in transaction'") == 0
                }
            }
        }
        #expect(try await pair.count() == 0)
        await pair.close()
    }

    @Test
    func `a backend killed while idle is noticed before the next write`() async throws {
        let pair = try await Pair()
        try await pair.kill()
        #expect(try await pair.subject.execute("INSERT INTO entry (id) VALUES (1)") == 1)
        try await pair.kill()
        try await pair.subject.append("INSERT INTO entry (id) VALUES (2)")
        try await pair.kill()
        #expect(try await pair.subject.one("SELECT count(*) FROM entry").value(at: 0) == 2)
        try await pair.kill()
        try await pair.subject.transaction { try await $0.execute("INSERT INTO entry (id) VALUES (3)") }
        #expect(try await pair.count() == 3)
        await pair.close()
    }

    @Test
    func `a backend killed in a statement of a transaction commits nothing`() async throws {
        let pair = try await Pair()
        let body = Task {
            try await pair.subject.transaction { transaction in
                try await transaction.execute("INSERT INTO entry (id) VALUES (1)")
                _ = try await transaction.one("SELECT pg_sleep(60)")
            }
        }
        try await pair.untilAsleep()
        try await pair.kill()
        let fault = await #expect(throws: DatabaseFault.self) { try await body.value }
        guard case .connection? = fault else { return #expect(Bool(false), "\(String(describing: fault))") }
        #expect(try await pair.count() == 0)
        await pair.close()
    }

    @Test
    func `a backend killed in an autocommit write leaves it in doubt and a repeat gives one effect`() async throws {
        let pair = try await Pair()
        let slow: Query = "INSERT INTO entry (id) SELECT 1 FROM (SELECT pg_sleep(60)) AS pause ON CONFLICT DO NOTHING"
        let execute = Task { try await pair.subject.execute(slow) }
        try await pair.untilAsleep()
        try await pair.kill()
        await #expect(throws: DatabaseFault.commitUnknown) { _ = try await execute.value }
        let append = Task { try await pair.subject.append(slow) }
        try await pair.untilAsleep()
        try await pair.kill()
        await #expect(throws: DatabaseFault.commitUnknown) { try await append.value }
        for _ in 1...2 { try await pair.subject.append("INSERT INTO entry (id) VALUES (1) ON CONFLICT DO NOTHING") }
        #expect(try await pair.count() == 1)
        await pair.close()
    }

    @Test
    func `a backend killed in COMMIT leaves the transaction in doubt`() async throws {
        let pair = try await Pair()
        try await pair.observer.execute(
            """
            CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'
            """
        )
        try await pair.observer.execute(
            """
            CREATE CONSTRAINT TRIGGER entry_pause AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION pause()
            """
        )
        let body = Task {
            try await pair.subject.transaction { try await $0.execute("INSERT INTO entry (id) VALUES (1)") }
        }
        try await pair.untilAsleep()
        body.cancel()
        try await pair.kill()
        await #expect(throws: DatabaseFault.commitUnknown) { _ = try await body.value }
        #expect(try await pair.count() == 0)
        await pair.close()
    }

    @Test
    func `nobody answers at a missing socket`() async throws {
        let fault = await #expect(throws: DatabaseFault.self) {
            _ = try await Database.open(DatabaseSettings(conninfo: "host=/nonexistent user=citizen dbname=citizen"))
        }
        guard case .connection? = fault else { return #expect(Bool(false), "\(String(describing: fault))") }
    }
}
