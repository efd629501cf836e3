import Database
import TestSupport
import Testing

@Suite("迁移 Migrations")
struct MigrationTests {
    private static func step(_ version: Int, _ sql: String) -> Migration {
        Migration(version: version, name: "\(version).sql", sql: sql)
    }

    private static let first = step(1, "CREATE TABLE one (id int8);\nINSERT INTO one (id) VALUES (1);\n")
    private static let second = step(2, "CREATE TABLE two (id int8);")

    /// A stand-in for SHA-256 that tells texts apart.
    private static func digest(_ octets: [UInt8]) -> [UInt8] {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in octets { state = (state ^ UInt64(octet)) &* 0x0100_0000_01B3 }
        return (0..<8).map { UInt8(truncatingIfNeeded: state >> (8 * $0)) }
    }

    private static func migrations(_ steps: Migration...) throws(MigrationFault) -> Migrations {
        try Migrations(steps, digest: digest)
    }

    @Test
    func `steps are applied once, and later ones on top`() async throws {
        let conninfo = try await PrivateCluster.freshDatabase().conninfo
        #expect(try await MigrationTests.migrations(MigrationTests.first).apply(to: conninfo) == [1])
        let both = try MigrationTests.migrations(MigrationTests.first, MigrationTests.second)
        #expect(try await both.apply(to: conninfo) == [2])
        #expect(try await both.apply(to: conninfo).isEmpty)
        let database = try await Database.open(DatabaseSettings(conninfo: conninfo))
        let row = try await database.one("SELECT name, took_ms >= 0 AS took FROM schema_migration WHERE version = 2")
        #expect(try row.value("name") == "2.sql")
        #expect(try row.value("took") == true)
        await database.close()
    }

    @Test
    func `a gap is refused before anything is touched`() {
        #expect(throws: MigrationFault.gap(missing: 2)) {
            _ = try MigrationTests.migrations(MigrationTests.first, MigrationTests.step(3, "SELECT 1"))
        }
        #expect(throws: MigrationFault.gap(missing: 1)) { _ = try MigrationTests.migrations(MigrationTests.second) }
    }

    @Test
    func `an edited step is refused, other line ends are not an edit`() async throws {
        let conninfo = try await PrivateCluster.freshDatabase().conninfo
        try await MigrationTests.migrations(MigrationTests.first).apply(to: conninfo)
        let windows = MigrationTests.step(1, "CREATE TABLE one (id int8);\r\nINSERT INTO one (id) VALUES (1);\r\n")
        #expect(try await MigrationTests.migrations(windows).apply(to: conninfo).isEmpty)
        let edited = try MigrationTests.migrations(MigrationTests.step(1, "CREATE TABLE one (id int4);"))
        await #expect(throws: MigrationFault.edited(version: 1, name: "1.sql")) { try await edited.apply(to: conninfo) }
    }

    @Test
    func `a newer database and a hole in its table are refused`() async throws {
        let conninfo = try await PrivateCluster.freshDatabase().conninfo
        let both = try MigrationTests.migrations(MigrationTests.first, MigrationTests.second)
        try await both.apply(to: conninfo)
        let older = try MigrationTests.migrations(MigrationTests.first)
        await #expect(throws: MigrationFault.newerDatabase(version: 2)) { try await older.apply(to: conninfo) }
        let database = try await Database.open(DatabaseSettings(conninfo: conninfo))
        try await database.execute("DELETE FROM schema_migration WHERE version = 1")
        await #expect(throws: MigrationFault.gap(missing: 1)) { try await both.apply(to: conninfo) }
        await database.close()
    }

    @Test
    func `a failing step leaves nothing of itself and all before it`() async throws {
        let conninfo = try await PrivateCluster.freshDatabase().conninfo
        let broken = MigrationTests.step(2, "CREATE TABLE two (id int8); SELECT * FROM nowhere;")
        let fault = await #expect(throws: MigrationFault.self) {
            try await MigrationTests.migrations(MigrationTests.first, broken).apply(to: conninfo)
        }
        guard case .refused(version: 2, name: "2.sql", let reason)? = fault else {
            return #expect(Bool(false), "\(String(describing: fault))")
        }
        #expect(reason.sqlstate == "42P01")
        let both = try MigrationTests.migrations(MigrationTests.first, MigrationTests.second)
        #expect(try await both.apply(to: conninfo) == [2])
        let escaping = MigrationTests.step(3, "CREATE TABLE three (id int8); COMMIT;")
        await #expect(throws: MigrationFault.transactionControl(version: 3, name: "3.sql")) {
            try await MigrationTests.migrations(MigrationTests.first, MigrationTests.second, escaping).apply(
                to: conninfo
            )
        }
    }

    @Test
    func `a step without a transaction may build an index concurrently`() async throws {
        let conninfo = try await PrivateCluster.freshDatabase().conninfo
        let index = MigrationTests.step(2, "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON one (id)")
        #expect(try await MigrationTests.migrations(MigrationTests.first, index).apply(to: conninfo) == [1, 2])
    }

    @Test
    func `of several migrators at once each step is applied by one`() async throws {
        let conninfo = try await PrivateCluster.freshDatabase().conninfo
        let both = try MigrationTests.migrations(MigrationTests.first, MigrationTests.second)
        let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 1...4 { group.addTask { try await both.apply(to: conninfo) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied.sorted() == [1, 2])
    }

    @Test
    func `a migrator that waits too long says that it is locked`() async throws {
        let conninfo = try await PrivateCluster.freshDatabase().conninfo
        let database = try await Database.open(DatabaseSettings(conninfo: conninfo))
        try await database.transaction { transaction in
            try await transaction.execute("SELECT pg_advisory_xact_lock(hashtext('cz:' || current_database()))")
            await #expect(throws: MigrationFault.locked) {
                try await MigrationTests.migrations(MigrationTests.first).apply(
                    to: conninfo,
                    patience: .milliseconds(100)
                )
            }
        }
        await database.close()
    }
}
