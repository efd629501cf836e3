import Glibc
import HTTP
import Octets
import Testing

@Suite("服务器 server")
struct ServerTests {
    private static func get(_ target: String, _ fields: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
    }

    private static func post(_ target: String, _ count: Int) -> String {
        "POST \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(count)\r\n\r\n"
            + String(repeating: "x", count: count)
    }

    @Test
    func `a request is answered over the socket and the connection is kept`() async throws {
        try await Fixture.run { fixture in
            let path = fixture.socket()
            let bodies = try await onThread {
                let wire = try Wire(path)
                return try ["/ping", "/none", "/ping"].map { target in
                    try wire.send(Self.get(target))
                    return try wire.answer().status
                }
            }
            #expect(bodies == [200, 404, 200])
        }
    }

    @Test
    func `an answer carries the request's number and is neither stored nor sniffed`() async throws {
        try await Fixture.run { fixture in
            let number = String(repeating: "0a", count: 16)
            let answer = try await fixture.ask(Self.get("/ping", "X-Request-Id: \(number)\r\n"))
            #expect(answer.field("x-request-id") == number)
            #expect(answer.field("cache-control") == "no-store")
            #expect(answer.field("x-content-type-options") == "nosniff")
            #expect(answer.field("server") == nil)
        }
    }

    @Test
    func `the sockets are open to owner and group alone`() async throws {
        try await Fixture.run { fixture in
            for entrance in Entrance.allCases {
                var status = stat()
                unsafe lstat(fixture.socket(entrance), &status)
                #expect(status.st_mode & 0o7777 == 0o660)
                let group = getuid() == 0 ? unsafe getgrnam("www-data")?.pointee.gr_gid : getgid()
                #expect(status.st_gid == group)
            }
        }
    }

    @Test
    func `each entrance has its own routes and its own word on the client`() async throws {
        try await Fixture.run { fixture in
            #expect(try await fixture.ask(Self.get("/metrics"), on: .private).status == 200)
            #expect(try await fixture.ask(Self.get("/metrics")).status == 404)
            let forged = "X-Client-Verify: SUCCESS\r\nX-Client-Cert: -----BEGIN%20CERTIFICATE-----%0Ax\r\n"
            let plain = try await fixture.ask(Self.get("/fields", forged)).body
            #expect(plain.contains("certificate: -"))
            #expect(!plain.contains("x-client"))
            let desk = try await fixture.ask(Self.get("/fields", forged), on: .desk).body
            #expect(desk.contains("certificate: -----BEGIN CERTIFICATE-----\nx"))
            #expect(!desk.contains("x-client"))
        }
    }

    @Test
    func `a body over the limit is refused, and a route may have a limit of its own`() async throws {
        try await Fixture.run { fixture in
            let whole = try await fixture.ask(Self.post("/count", 65_536))
            #expect(whole.body == "65536")
            #expect(try await fixture.ask(Self.post("/count", 65_537)).status == 413)
            #expect(try await fixture.ask(Self.post("/console/upload", 1 << 20)).body == "1048576")
            #expect(try await fixture.ask(Self.post("/console/upload", 1 << 20 + 1)).status == 413)
            let chunk = "10001\r\n" + String(repeating: "x", count: 65_537) + "\r\n0\r\n\r\n"
            let head = "POST /count HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            #expect(try await fixture.ask(head + chunk).status == 413)
        }
    }

    @Test
    func `a handler that takes too long is answered 503 and cannot answer any more`() async throws {
        try await Fixture.run { fixture in
            let answer = try await fixture.ask(Self.get("/short"))
            #expect(answer.status == 503)
            #expect(answer.field("retry-after") == "1")
            #expect(fixture.server.requestsInside == 0)
            fixture.held.release()
            #expect(try await fixture.ask(Self.get("/ping")).status == 200)
        }
    }

    @Test
    func `a long poll holds no thread`() async throws {
        try await Fixture.run { fixture in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try await fixture.ask(Self.get("/poll")).status } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [204])
            async let held = fixture.ask(Self.get("/held"))
            await fixture.held.arrived(1)
            #expect(try await fixture.ask(Self.get("/ping")).status == 200)
            fixture.held.release()
            let heldAnswer = try await held
            #expect(heldAnswer.body == "released")
        }
    }

    @Test
    func `a field that would break out of its line is an incident, not an answer`() async throws {
        try await Fixture.run { fixture in
            let answer = try await fixture.ask(Self.get("/broken"))
            #expect(answer.status == 500)
            #expect(answer.field("set-cookie") == nil)
            #expect(try await fixture.ask(Self.get("/moved")).field("location") == "/ping")
        }
    }

    @Test
    func `each request leaves one line without path, query and address`() async throws {
        try await Fixture.run { fixture in
            _ = try await fixture.ask(
                Self.get("/echo/110101199003070000?name=zhang", "X-Forwarded-For: 192.0.2.77\r\n")
            )
            _ = try await fixture.ask(Self.get("/none/110101199003070000", "X-Forwarded-For: 2001:db8:1::7\r\n"))
            #expect(await eventually { fixture.lines.all.count == 2 })
            let lines = fixture.lines.all
            #expect(lines[0].contains(#""route":"GET /echo/{part}","method":"GET","status":200,"#))
            #expect(lines[0].contains(#""net":"192.0.0.0""#))
            #expect(lines[1].contains(#""route":"unmatched","method":"GET","status":404,"#))
            #expect(lines[1].contains(#""net":"2001:db8::""#))
            #expect(!lines.joined().contains("110101") && !lines.joined().contains("zhang"))
            #expect(!lines.joined().contains(".77") && !lines.joined().contains("::7"))
        }
    }

    @Test
    func `an unknown error leaves its number in the answer and in the log`() async throws {
        try await Fixture.run { fixture in
            let answer = try await fixture.ask(Self.get("/fault"))
            #expect(answer.status == 500)
            let number = try #require(answer.body.firstMatch(of: /"incident":"([0-9a-f]{12})"/)).output.1
            #expect(fixture.lines.all.contains { $0.contains(#""incident":"\#(number)""#) })
        }
    }

    @Test
    func `figures and health are told to those who watch`() async throws {
        try await Fixture.run { fixture in
            _ = try await fixture.ask(Self.get("/ping"))
            #expect(try await fixture.ask(Self.get("/healthz")).status == 200)
            let ready = try await fixture.ask(Self.get("/readyz"))
            #expect(ready.status == 503)
            #expect(ready.body == #"{"status":"failing","parts":{"database":"failing"}}"#)
            #expect(await eventually { fixture.server.requestsInside == 0 })
            let figures = try await fixture.ask(Self.get("/metrics"), on: .private).body
            #expect(
                figures.contains(#"citizen_http_requests_total{entrance="public",route="GET /ping",status="200"} 1"#)
            )
            #expect(figures.contains(#"citizen_http_request_seconds_count{route="GET /ping"} 1"#))
            #expect(figures.contains("citizen_http_in_flight 1\n"))
        }
    }

    @Test
    func `a socket that another service answers on is left alone, a dead one is replaced`() async throws {
        try await Fixture.run { fixture in
            let path = fixture.socket()
            let settings = Server.Settings(sockets: [.public: path])
            #expect(throws: Server.Fault.taken(path: path)) {
                _ = try Server.start(settings, Router([]), metrics: Metrics(), log: { _ in })
            }
            let answer = try await fixture.ask(Self.get("/ping"))
            #expect(answer.status == 200)
            let file = fixture.folder + "/file"
            close(unsafe open(file, O_CREAT | O_WRONLY, 0o600))
            #expect(throws: Server.Fault.notASocket(path: file)) {
                let settings = Server.Settings(sockets: [.public: file])
                _ = try Server.start(settings, Router([]), metrics: Metrics(), log: { _ in })
            }
            let long = fixture.folder + "/" + String(repeating: "x", count: 100)
            #expect(throws: Server.Fault.pathTooLong(path: long, limit: 107)) {
                let settings = Server.Settings(sockets: [.public: long])
                _ = try Server.start(settings, Router([]), metrics: Metrics(), log: { _ in })
            }
        }
    }
}
