/// One connection of a migrator, used by its thread alone.
final class MigrationSession {
    private let connection: Connection

    /// No statement time-out: an index over millions of rows takes its time. Locks are waited for briefly.
    init(_ conninfo: String, lockTimeout: Duration) throws(MigrationFault) {
        var settings = DatabaseSettings(conninfo: conninfo)
        settings.statementTimeout = .zero
        settings.idleInTransactionTimeout = .zero
        settings.lockTimeout = lockTimeout
        do throws(DatabaseFault) {
            connection = try Connection(settings, wake: try WakePipe())
        } catch { throw .database(error) }
    }

    /// Held until this session ends. Throws `locked`.
    func takeAdvisoryLock() throws(MigrationFault) {
        do throws(DatabaseFault) {
            try simple("SELECT pg_advisory_lock(hashtext('cz:' || current_database()))")
        } catch {
            throw error.sqlstate == "55P03" ? .locked : .database(error)
        }
    }

    /// Makes the two tables of the migrator on a fresh database.
    func createTables() throws(MigrationFault) {
        try asked { () throws(DatabaseFault) in
            try simple(
                """
                SET client_min_messages = warning;
                CREATE TABLE IF NOT EXISTS schema_migration (
                    version int8 CONSTRAINT schema_migration_key PRIMARY KEY,
                    name text NOT NULL,
                    sha256 bytea NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now(),
                    took_ms int8 NOT NULL
                );
                CREATE TABLE IF NOT EXISTS schema_migration_lock (
                    id int4 CONSTRAINT schema_migration_lock_key PRIMARY KEY
                        CONSTRAINT schema_migration_lock_single CHECK (id = 1)
                );
                INSERT INTO schema_migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING;
                """
            )
        }
    }

    /// The steps applied so far, in their order.
    func applied() throws(MigrationFault) -> [AppliedMigration] {
        try asked { () throws(DatabaseFault) -> [AppliedMigration] in
            let query: Query = "SELECT version, name, sha256 FROM schema_migration ORDER BY version"
            var applied: [AppliedMigration] = []
            for row in try connection.run(query, .statement, deadline: MigrationSession.never).rows {
                applied.append(
                    AppliedMigration(
                        version: try row.value("version"),
                        name: try row.value("name"),
                        fingerprint: try row.value("sha256")
                    )
                )
            }
            return applied
        }
    }

    /// Runs a step and notes it, both in one transaction unless the file's first line forbids it.
    func apply(_ step: Migration, fingerprint: [UInt8]) throws(MigrationFault) {
        let start = ContinuousClock.now
        if !step.isTransactional { try run(step) }
        try asked { () throws(DatabaseFault) in try begin() }
        if step.isTransactional {
            try run(step)
            guard connection.isInTransaction else {
                throw .transactionControl(version: step.version, name: step.name)
            }
        }
        let tookMilliseconds = start.duration(to: .now).milliseconds
        try asked { () throws(DatabaseFault) in
            _ = try connection.run(
                """
                INSERT INTO schema_migration (version, name, sha256, took_ms)
                VALUES (\(step.version), \(step.name), \(fingerprint), \(tookMilliseconds))
                """,
                .statement,
                deadline: MigrationSession.never
            )
            let answer = try connection.simple("COMMIT", .commit, deadline: MigrationSession.never)
            try connection.checkNotices()
            guard answer.tag == "COMMIT" else { throw .transactionEnded }
        }
    }

    private static var never: ContinuousClock.Instant { .now + .seconds(86_400) }

    /// The lock row is taken first; whoever waits longer than `lock_timeout` for it gives up.
    private func begin() throws(DatabaseFault) {
        try simple("BEGIN")
        try simple("SELECT id FROM schema_migration_lock WHERE id = 1 FOR UPDATE")
    }

    private func run(_ step: Migration) throws(MigrationFault) {
        do throws(DatabaseFault) {
            try simple(step.statements)
        } catch {
            _ = try? simple("ROLLBACK")
            throw .refused(version: step.version, name: step.name, error)
        }
    }

    private func simple(_ text: String) throws(DatabaseFault) {
        try connection.simple(text, .statement, deadline: MigrationSession.never)
    }

    @discardableResult
    private func asked<Value>(_ body: () throws(DatabaseFault) -> Value) throws(MigrationFault) -> Value {
        do throws(DatabaseFault) { return try body() } catch { throw .database(error) }
    }
}
