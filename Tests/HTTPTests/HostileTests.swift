import HTTP
import Octets
import Testing

@Suite("敌意输入 hostile input")
struct HostileTests {
    /// The answers in a text, interim ones too, by their lengths.
    private static func statuses(_ text: String) -> [Int] {
        var rest = Array(text.utf8)[...]
        var statuses: [Int] = []
        let end = Array("\r\n\r\n".utf8)
        while let range = rest.firstRange(of: end) {
            let head = String(decoding: rest[..<range.lowerBound], as: UTF8.self)
            guard head.hasPrefix("HTTP/1."), let status = Int(head.dropFirst(9).prefix(3)) else { break }
            let length = Answer(head + "\r\n\r\n")?.field("content-length").flatMap { Int($0) } ?? 0
            guard status == 100 || rest[range.upperBound...].count >= length else { break }
            statuses.append(status)
            rest = rest[range.upperBound...].dropFirst(status == 100 ? 0 : length)
        }
        return statuses
    }

    private static func isEnough(_ expected: HostileCase.Reply) -> @Sendable (String) -> Bool {
        { !expected.isClosed && statuses($0).count >= expected.statuses.count }
    }

    @Test
    func `the table has its stated number of rows, and no row twice`() {
        #expect(HostileCase.all.count == 62)
        #expect(Set(HostileCase.all.map(\.number)) == Set(1...62))
    }

    @Test
    func `straight on the socket each row of the table has its answer, and nobody is left inside`() async throws {
        try await Fixture.run { fixture in
            let path = fixture.socket()
            let replies = try await Self.together(HostileCase.all) { row in
                try await onThread {
                    let wire = try Wire(path, silenceSeconds: row.direct.statuses.isEmpty ? 1 : 5)
                    try wire.send(row.input)
                    return wire.reply(until: Self.isEnough(row.direct))
                }
            }
            for (row, reply) in replies {
                let got = HostileCase.Reply(statuses: Self.statuses(reply.text), isClosed: reply.isClosed)
                #expect(got == row.direct, "\(row.testDescription)")
            }
            #expect(await eventually { fixture.server.requestsInside == 0 })
            #expect(try await fixture.ask("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200)
        }
    }

    @Test(.enabled(if: Front.isHere, "not installed: \(Front.missing.joined(separator: ", "))"))
    func `through the front each row of the table has its answer, and nobody is left inside`() async throws {
        try await Front.run { fixture, front in
            let replies = try await Self.together(HostileCase.all) { row in
                try await front.raw(row.input, until: Self.isEnough(row.front))
            }
            for (row, reply) in replies {
                let got = HostileCase.Reply(statuses: Self.statuses(reply.text), isClosed: reply.isClosed)
                #expect(got == row.front, "\(row.testDescription)")
            }
            #expect(await eventually { fixture.server.requestsInside == 0 })
            #expect(try await front.curl("/ping").output == "pong")
            // 63: plain HTTP to the TLS port.
            let plain = try await Tools.run(
                "curl",
                ["-s", "-o", "/dev/null", "-w", "%{http_code}", "http://localhost:\(front.port)/ping"]
            )
            #expect(plain.output == "400")
        }
    }

    @Test(arguments: [1, 2, 20, 49, 55])
    func `a good request sent octet by octet has the same answer`(_ number: Int) async throws {
        let row = try #require(HostileCase.all.first { $0.number == number })
        try await Fixture.run { fixture in
            let path = fixture.socket()
            let reply = try await onThread {
                let wire = try Wire(path)
                for octet in row.input { try wire.send([octet]) }
                return wire.reply(until: Self.isEnough(row.direct))
            }
            #expect(Self.statuses(reply.text) == row.direct.statuses)
        }
    }

    @Test
    func `random octets leave nothing behind`() async throws {
        try await Fixture.run { fixture in
            let path = fixture.socket()
            try await onThread {
                // Xorshift with a fixed seed: the same octets in each run.
                var seed: UInt64 = 0x2545_F491_4F6C_DD1D
                func next() -> UInt64 {
                    seed ^= seed << 13
                    seed ^= seed >> 7
                    seed ^= seed << 17
                    return seed
                }
                for round in 0..<300 {
                    let wire = try Wire(path)
                    let start: [UInt8] = round % 3 == 0 ? Array("POST /token HTTP/1.1\r\n".utf8) : []
                    try wire.send(start + (0..<(next() % 400)).map { _ in UInt8(truncatingIfNeeded: next()) })
                }
            }
            #expect(await eventually { fixture.server.requestsInside == 0 })
            #expect(try await fixture.ask("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200)
        }
    }

    /// Works on all rows, some at a time.
    private static func together<Row: Sendable, Outcome: Sendable>(
        _ rows: [Row],
        atOnce: Int = 12,
        _ work: @escaping @Sendable (Row) async throws -> Outcome
    ) async throws -> [(Row, Outcome)] {
        try await withThrowingTaskGroup(of: (Row, Outcome).self) { group in
            var results: [(Row, Outcome)] = []
            for (index, row) in rows.enumerated() {
                if index >= atOnce, let result = try await group.next() { results.append(result) }
                group.addTask { (row, try await work(row)) }
            }
            for try await result in group { results.append(result) }
            return results
        }
    }
}
