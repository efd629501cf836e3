import Glibc
import HTTP
import Octets
import ServiceClient
import Testing

@Suite("服务客户端 service client")
struct ClientTests {
    private static func run(_ body: (String) async throws -> Void) async throws {
        let path = "/tmp/cc-client-\(UInt32.random(in: .min ... .max)).sock"
        let router = Router([
            Route(.get, "/ping", name: "ping") { _, _ in .text("pong") },
            Route(.post, "/echo", name: "echo") { request, _ in
                .octets(request.body, mediaType: request.fields["content-type"] ?? "none/none", status: 201)
            },
            Route(.delete, "/thing", name: "forget") { _, _ in .noContent },
            Route(.put, "/thing", name: "put") { request, _ in .text(String(request.body.count)) },
            Route(.get, "/large", name: "large") { _, _ in .text(String(repeating: "x", count: 20_000)) },
            Route(.get, "/slow", name: "slow") { _, _ in
                try await Task.sleep(for: .seconds(20))
                return .noContent
            },
        ])
        let settings = Server.Settings(sockets: [.public: path], grace: .milliseconds(50))
        let server = try Server.start(settings, router, metrics: Metrics(), log: { _ in })
        do {
            try await body(path)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private static func client(_ path: String, limit: Int = 1 << 20) throws -> Client {
        try Client(Client.Settings(address: "http://localhost", unixSocket: path, answerLimit: limit))
    }

    @Test
    func `requests of all methods are answered with status, fields and body`() async throws {
        try await Self.run { path in
            let client = try Self.client(path)
            let ping = try await client.send("GET", "/ping")
            #expect(ping.status == 200)
            #expect(ping.body == Array("pong".utf8))
            #expect(ping.field("x-content-type-options") == "nosniff")
            let octets: [UInt8] = [0, 1, 2, 255]
            let echo = try await client.send("POST", "/echo", fields: ["Content-Type": "a/b"], body: octets)
            #expect(echo.status == 201)
            #expect(echo.body == octets)
            #expect(echo.field("content-type") == "a/b")
            #expect(try await client.send("POST", "/echo").body.isEmpty)
            #expect(try await client.send("DELETE", "/thing").status == 204)
            #expect(try await client.send("PUT", "/thing", body: octets).body == Array("4".utf8))
            let head = try await client.send("HEAD", "/ping")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(try await client.send("GET", "/none").status == 404)
        }
    }

    @Test
    func `a connection is kept, but a POST that may not be repeated gets a fresh one`() async throws {
        try await Self.run { path in
            let settings = Client.Settings(address: "http://localhost", unixSocket: path, threads: 1)
            let client = try Client(settings)
            #expect(try await client.send("GET", "/ping").madeConnection)
            #expect(try await !client.send("GET", "/ping").madeConnection)
            #expect(try await client.send("POST", "/echo").madeConnection)
            #expect(try await !client.send("POST", "/echo", fields: ["Idempotency-Key": "1"]).madeConnection)
        }
    }

    @Test
    func `an answer over the bound is refused by its own fault`() async throws {
        try await Self.run { path in
            let client = try Self.client(path, limit: 10_000)
            await #expect(throws: ClientFault.tooLarge(limit: 10_000)) { try await client.send("GET", "/large") }
            #expect(try await client.send("GET", "/ping").status == 200)
        }
    }

    @Test
    func `an answer that does not come in time is a timeout`() async throws {
        try await Self.run { path in
            let client = try Self.client(path)
            await #expect(throws: ClientFault.timeout) {
                try await client.send("GET", "/slow", timeout: .milliseconds(200))
            }
        }
    }

    @Test
    func `a cancelled task returns at once`() async throws {
        try await Self.run { path in
            let client = try Self.client(path)
            let began = ContinuousClock.now
            let task = Task { try await client.send("GET", "/slow") }
            task.cancel()
            await #expect(throws: ClientFault.cancelled) { try await task.value }
            #expect(ContinuousClock.now - began < .seconds(15))
        }
    }

    @Test
    func `many requests share few threads`() async throws {
        try await Self.run { path in
            let client = try Self.client(path)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 { group.addTask { try await client.send("GET", "/ping").status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 100))
        }
    }

    @Test
    func `a service that is not there is unreachable`() async throws {
        let client = try Self.client("/tmp/cc-no-such.sock")
        await #expect(throws: ClientFault.unreachable(code: 7)) { try await client.send("GET", "/ping") }
    }

    @Test(arguments: [
        "http://localhost:8443", "https://", "localhost", "https://user@localhost", "https://localhost/api",
        "https://localhost?x", "ftp://localhost",
    ])
    func `an address other than an HTTPS origin is refused`(_ address: String) {
        #expect(throws: ClientFault.address(address)) { try Client(Client.Settings(address: address)) }
    }

    @Test(arguments: [
        ("GET ", "/", ["a": "b"], "method"), ("GET", "x", [:], "path"), ("GET", "/a b", [:], "path"),
        ("GET", "/", ["a": "b\r\nc: d"], "a"), ("GET", "/", ["a:": "b"], "a:"), ("GET", "/#x", [:], "path"),
    ])
    func `a request that could smuggle is refused before it is sent`(
        _ method: String,
        _ path: String,
        _ fields: [String: String],
        _ culprit: String
    ) async throws {
        let client = try Self.client("/tmp/cc-no-such.sock")
        await #expect(throws: ClientFault.request(field: culprit)) {
            try await client.send(method, path, fields: fields)
        }
    }
}
