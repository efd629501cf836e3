import Glibc
import HTTP
import Octets
import Testing

@Suite("有序停止 graceful stop")
struct StopTests {
    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n" }

    @Test
    func `those inside may finish, streams end, newcomers are sent away, and the name is gone`() async throws {
        try await Fixture.run { fixture in
            let path = fixture.socket()
            let kept = try Wire(path)
            try kept.send(Self.get("/ping"))
            _ = try kept.answer()
            async let finishing = fixture.ask(Self.get("/held"))
            async let stream = onThread {
                let wire = try Wire(path)
                try wire.send(Self.get("/console/progress/1"))
                return try wire.read { $0.hasSuffix("\r\n0\r\n\r\n") }
            }
            await fixture.held.arrived(2)
            async let stopped: Void = fixture.server.stop()
            #expect(await eventually { unsafe access(path, F_OK) != 0 })
            #expect(throws: Wire.Fault.self) { try Wire(path) }
            let text = try await stream
            #expect(text.contains("event: step"))
            try kept.send(Self.get("/ping"))
            #expect(try kept.answer().status == 503)
            fixture.held.release()
            let finishingAnswer = try await finishing
            #expect(finishingAnswer.body == "released")
            await stopped
            #expect(fixture.server.requestsInside == 0)
            await fixture.server.stop()
        }
    }

    @Test
    func `one that does not finish in the grace time is answered 503`() async throws {
        try await Fixture.run(grace: .milliseconds(200)) { fixture in
            async let stubborn = fixture.ask(Self.get("/held"))
            await fixture.held.arrived(1)
            let began = ContinuousClock.now
            await fixture.server.stop()
            let stubbornAnswer = try await stubborn
            #expect(stubbornAnswer.status == 503)
            #expect(ContinuousClock.now - began < .seconds(15))
            #expect(fixture.server.requestsInside == 0)
            fixture.held.release()
        }
    }

    @Test
    func `a service may start again on the same name at once`() async throws {
        try await Fixture.run { fixture in
            await fixture.server.stop()
            let router = Router([Route(.get, "/ping", name: "ping") { _, _ in .text("again") }])
            let settings = Server.Settings(sockets: [.public: fixture.socket()])
            let server = try Server.start(settings, router, metrics: Metrics(), log: { _ in })
            #expect(try await fixture.ask(Self.get("/ping")).body == "again")
            await server.stop()
        }
    }
}
