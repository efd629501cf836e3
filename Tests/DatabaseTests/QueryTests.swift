import Database
import TestSupport
import Testing

@Suite("查询 Query")
struct QueryTests {
    @Test
    func `every value becomes a numbered bind and no description shows it`() {
        let condition: Query = "holder = \("secret")"
        let query: Query = """
            SELECT * FROM \(ident: "public.card") WHERE id = \(7) AND \(fragment: condition) AND x = \(Int?.none)
            """
        let text = "SELECT * FROM \"public\".\"card\" WHERE id = $1 AND holder = $2 AND x = $3"
        #expect(query.description == "\(text) $1=<bytes 8> $2=<bytes 6> $3=<null>")
        #expect(Query.joined(["a = \(1)", "b = \(2)"], by: " AND ").description.hasPrefix("a = $1 AND b = $2"))
    }

    @Test
    func `injected text stays data`() async throws {
        let database = try await PrivateCluster.freshlyOpened()
        try await database.execute("CREATE TABLE note (line text)")
        let lines = ["'); DROP TABLE note; --", "$1", "\\'; SELECT 1", "\" OR \"\"=\"", "市民卡 🪪 é", ""]
        for line in lines { try await database.execute("INSERT INTO note (line) VALUES (\(line))") }
        let stored = try await database.all("SELECT line FROM note WHERE line = ANY(\(lines))")
        #expect(try Set(stored.map { row throws in try row.value("line", as: String.self) }) == Set(lines))
        await database.close()
    }

    @Test
    func `a NUL character is refused before anything is sent`() async throws {
        let database = try await PrivateCluster.freshlyOpened()
        await #expect(throws: DatabaseFault.encode(.nulCharacter)) {
            _ = try await database.one("SELECT \("a\u{0}b")::text")
        }
        await #expect(throws: DatabaseFault.encode(.nulCharacter)) {
            try await database.execute("SELECT \(["a", "\u{0}"])::text[]")
        }
        await database.close()
    }
}
