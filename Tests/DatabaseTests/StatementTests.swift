import Database
import TestSupport
import Testing

@Suite("语句 Statements")
struct StatementTests {
    @Test
    func `look-ups, writes and transactions see the same rows`() async throws {
        let database = try await PrivateCluster.freshlyOpened()
        try await database.execute("CREATE TABLE card (id int8 PRIMARY KEY, holder text)")
        #expect(try await database.execute("INSERT INTO card (id, holder) VALUES (\(1), \("Li"))") == 1)
        try await database.append("INSERT INTO card (id, holder) VALUES (\(2), \(String?.none)) ON CONFLICT DO NOTHING")
        let count = try await database.transaction { transaction in
            try await transaction.execute("UPDATE card SET holder = \("Wang") WHERE id = ANY(\([2, 3]))")
            return try await transaction.one("SELECT count(*) FROM card").value(at: 0, as: Int.self)
        }
        #expect(count == 2)
        let row = try await database.one("SELECT holder FROM card WHERE id = \(2)")
        #expect(try row.value("holder") == "Wang")
        let holder: String? = try await database.one("SELECT NULL::text AS holder").value("holder")
        #expect(holder == nil)
        let loaded = try await database.copyIn("card", columns: ["id", "holder"], rows: 10..<1_010) { number, row in
            try row.append(number)
            try row.append("holder \(number)")
        }
        #expect(loaded == 1_000)
        await database.close()
    }
}
