import HTTP
import Octets
import Testing

@Suite("事件流 event streams")
struct EventStreamTests {
    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n" }

    @Test
    func `events come as they are sent, lines kept apart, and the stream ends with its producer`() async throws {
        try await Fixture.run { fixture in
            let path = fixture.socket()
            async let reply = onThread {
                let wire = try Wire(path)
                try wire.send(Self.get("/console/progress/1"))
                let start = try wire.read { $0.contains("data: 3\n") }
                fixture.held.release()
                return (start, wire.reply { $0.contains("event: done") }.text)
            }
            let (start, end) = try await reply
            #expect(start.contains("content-type: text/event-stream"))
            #expect(start.contains("event: step\ndata: 1\ndata: of 3\n\n"))
            #expect(end.contains("event: done\ndata: \n\n"))
            #expect(await eventually { fixture.server.requestsInside == 0 })
        }
    }

    @Test
    func `a still stream beats, and a client that left is noticed by it`() async throws {
        try await Fixture.run(heartbeat: .milliseconds(100)) { fixture in
            let path = fixture.socket()
            try await onThread {
                let wire = try Wire(path)
                try wire.send(Self.get("/console/progress/1"))
                _ = try wire.read { $0.contains(": hb\n\n") }
            }
            #expect(await eventually { fixture.server.requestsInside == 0 })
            fixture.held.release()
        }
    }

    @Test
    func `a client that does not read is cut off`() async throws {
        try await Fixture.run { fixture in
            let wire = try Wire(fixture.socket())
            try wire.send(Self.get("/flood"))
            // Nothing is read until the producer has given up.
            #expect(await eventually { fixture.metrics.text.contains("citizen_test_flood_ended_total 1") })
            #expect(try wire.read { $0.hasSuffix("\r\n0\r\n\r\n") }.utf8.count > 60_000)
        }
    }

    @Test(
        .enabled(if: Front.isHere, "not installed: \(Front.missing.joined(separator: ", "))"),
        arguments: ["--http1.1", "--http2"]
    )
    func `through the front events come at once`(_ version: String) async throws {
        try await Front.run { fixture, front in
            async let reply = front.curl("/console/progress/1", ["-N", version, "-D", "-"])
            // The producer waits after its third event; the client has it or not when the rest is let go.
            await fixture.held.arrived(1)
            fixture.held.release()
            let text = try await reply.output
            #expect(text.contains("event: step\ndata: 3\ndata: of 3\n\n"))
            #expect(text.contains("event: done"))
            #expect(text.lowercased().contains("cache-control: no-store"))
        }
    }

    @Test(.enabled(if: Front.isHere, "not installed: \(Front.missing.joined(separator: ", "))"))
    func `through the front a client that left is noticed`() async throws {
        try await Front.run(heartbeat: .milliseconds(100)) { fixture, front in
            // Ends by its own limit while the stream is open: an event was there before the end.
            let reply = try await front.curl("/console/progress/1", ["-N", "-m", "1"])
            #expect(reply.status == 28)
            #expect(reply.output.contains("event: step\ndata: 1\n"))
            #expect(reply.output.contains(": hb\n\n"))
            #expect(await eventually { fixture.server.requestsInside == 0 })
            fixture.held.release()
        }
    }
}
