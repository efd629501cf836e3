import Glibc
import HTTP
import Octets
import Testing

@Suite("服务器 server")
struct ServerTests {
    private static let get = "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test
    func `a request is answered over the socket and the connection is kept`() async throws {
        try await Fixture.run { fixture in
            let path = fixture.socket()
            let bodies = try await onThread {
                let wire = try Wire(path)
                return try (0..<3).map { _ in
                    try wire.send(Self.get)
                    return try wire.answer().body
                }
            }
            #expect(bodies == ["pong", "pong", "pong"])
        }
    }
}
