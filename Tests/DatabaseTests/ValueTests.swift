import Database
import FoundationEssentials
import TestSupport
import Testing

@Suite("数值 SQLValue")
struct ValueTests {
    private static func typed() async throws -> Database {
        let database = try await PrivateCluster.freshlyOpened()
        try await database.execute(
            """
            CREATE TABLE value (
                n int8 PRIMARY KEY, flag bool, i2 int2, i4 int4, f8 float8, line text, octets bytea, id uuid,
                moment timestamptz, day date, document jsonb, numbers int8[], lines text[], blobs bytea[], short varchar(9)
            )
            """
        )
        return database
    }

    private static let columns: [StaticString] = [
        "n", "flag", "i2", "i4", "f8", "line", "octets", "id", "moment", "day", "document", "numbers", "lines", "blobs",
        "short",
    ]

    @Test
    func `every type comes back from COPY BINARY as it went`() async throws {
        let database = try await ValueTests.typed()
        let id = UUID()
        let count = try await database.copyIn("value", columns: ValueTests.columns, rows: [1, 2]) { number, row in
            let isFirst = number == 1
            try row.append(Int64(number))
            try row.append(isFirst)
            try row.append(isFirst ? Int16.min : nil)
            try row.append(isFirst ? Int32.min : nil)
            try row.append(isFirst ? -0.1 : Double?.none)
            try row.append(isFirst ? "市民码" : nil)
            try row.append(isFirst ? [UInt8](0...255) : [])
            try row.append(isFirst ? id : nil)
            try row.append(Timestamp(microseconds: -1))
            try row.append(DayNumber(days: -25_567))
            try row.append(JSONText(#"{"a": 1}"#))
            try row.append(isFirst ? [Int64.min, 0, .max] : [])
            try row.append(["", "乙", "c"])
            try row.append([[0], [], [255, 1]] as [[UInt8]])
            try row.append("short")
        }
        #expect(count == 2)
        let rows = try await database.all("SELECT * FROM value ORDER BY n")
        let first = try #require(rows.first)
        let second = try #require(rows.last)
        #expect(try first.value("flag") == true)
        #expect(try first.value("i2") == Int16.min)
        #expect(try first.value("i4") == Int32.min)
        #expect(try first.value("f8") == -0.1)
        #expect(try first.value("line") == "市民码")
        #expect(try first.value("octets") == [UInt8](0...255))
        #expect(try first.value("id") == id)
        #expect(try first.value("moment") == Timestamp(microseconds: -1))
        #expect(try first.value("day") == DayNumber(days: -25_567))
        #expect(try first.value("document") == JSONText(#"{"a": 1}"#))
        #expect(try first.value("numbers") == [Int64.min, 0, .max])
        #expect(try first.value("lines") == ["", "乙", "c"])
        #expect(try first.value("blobs") == [[0], [], [255, 1]] as [[UInt8]])
        #expect(try first.value("short") == "short")
        #expect(try second.value("flag") == false)
        #expect(try second.value("i2", as: Int16?.self) == nil)
        #expect(try second.value("octets") == [UInt8]())
        #expect(try second.value("numbers") == [Int64]())
        // The server reads the same values as we do.
        let text = try await database.one("SELECT moment::text, day::text FROM value WHERE n = 1 AND id = \(id)")
        #expect(try text.value("moment", as: String.self).hasPrefix("1969-12-31 23:59:59.999999"))
        #expect(try text.value("day") == "1900-01-01")
        await database.close()
    }

    @Test
    func `the OID travels, so an eight octet integer fits a four octet column`() async throws {
        let database = try await ValueTests.typed()
        try await database.execute("INSERT INTO value (n, i4) VALUES (\(1), \(Int64(77)))")
        #expect(try await database.one("SELECT i4 FROM value").value("i4", as: Int.self) == 77)
        let fault = await #expect(throws: DatabaseFault.self) {
            try await database.execute("INSERT INTO value (n, i4) VALUES (\(2), \(Int64.max))")
        }
        #expect(fault?.sqlstate == "22003")
        await database.close()
    }

    private enum State: Int16, SQLEncodable, SQLDecodable { case active = 1, lost = 2 }

    @Test
    func `an enum travels as its raw value, and an unknown one is a fault`() async throws {
        let database = try await PrivateCluster.freshlyOpened()
        let row = try await database.one("SELECT \(State.lost) AS state, 3::int2 AS unknown")
        #expect(try row.value("state") == State.lost)
        #expect(throws: DatabaseFault.decode(column: "unknown", .value)) { try row.value("unknown", as: State.self) }
        await database.close()
    }

    @Test
    func `a field of another type, a NULL and a missing column are faults with the column's name`() async throws {
        let database = try await PrivateCluster.freshlyOpened()
        let row = try await database.one("SELECT 1::int8 AS big, NULL::text AS nothing, ARRAY[1,NULL]::int8[] AS holes")
        #expect(throws: DatabaseFault.decode(column: "big", .type(oid: 20))) { try row.value("big", as: String.self) }
        #expect(throws: DatabaseFault.decode(column: "big", .type(oid: 20))) { try row.value("big", as: Int32.self) }
        #expect(throws: DatabaseFault.decode(column: "nothing", .null)) { try row.value("nothing", as: String.self) }
        #expect(throws: DatabaseFault.decode(column: "holes", .null)) { try row.value("holes", as: [Int64].self) }
        #expect(throws: DatabaseFault.decode(column: "none", .noColumn)) { try row.value("none", as: Int.self) }
        #expect(throws: DatabaseFault.decode(column: "3", .noColumn)) { try row.value(at: 3, as: Int.self) }
        await database.close()
    }

    @Test
    func `COPY refuses a wrong type, a missing value and an unknown column, and keeps nothing`() async throws {
        let database = try await ValueTests.typed()
        await #expect(throws: DatabaseFault.encode(.columnType(column: "i4", expected: 23, found: 20))) {
            try await database.copyIn("value", columns: ["n", "i4"], rows: [1]) { number, row in
                try row.append(number)
                try row.append(number)
            }
        }
        await #expect(throws: DatabaseFault.encode(.columnCount(expected: 2, found: 1))) {
            try await database.copyIn("value", columns: ["n", "line"], rows: 1...9_000) { number, row in
                try row.append(number)
                if number < 9_000 { try row.append("line") }
            }
        }
        await #expect(throws: DatabaseFault.encode(.noColumn("absent"))) {
            try await database.copyIn("value", columns: ["absent"], rows: [1]) { number, row in try row.append(number) }
        }
        #expect(try await database.one("SELECT count(*) FROM value").value(at: 0) == 0)
        await database.close()
    }

    @Test
    func `COPY inside a transaction goes with it`() async throws {
        let database = try await ValueTests.typed()
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await database.transaction { transaction in
                var left = 100_000
                let count = try await transaction.copyIn("value", columns: ["n", "line"]) { row in
                    guard left > 0 else { return false }
                    try row.append(left)
                    try row.append("somebody")
                    left -= 1
                    return true
                }
                #expect(count == 100_000)
                #expect(try await transaction.one("SELECT count(*) FROM value").value(at: 0) == 100_000)
                throw Stop()
            }
        }
        #expect(try await database.one("SELECT count(*) FROM value").value(at: 0) == 0)
        await database.close()
    }
}
