import Foundation
import Glibc
import HTTP
import Testing

@Suite(
    "前置代理 the front",
    .enabled(if: Front.isHere, "not installed: \(Front.missing.joined(separator: ", "))")
)
struct FrontTests {
    @Test
    func `mutual TLS hands the certificate over, and nothing that the client claims of itself`() async throws {
        try await Front.run { _, front in
            let forged = [
                "-H", "X-Client-Verify: SUCCESS", "-H", "X-CLIENT-CERT: forged", "-H", "X_Client_Verify: SUCCESS", "-H",
                "Forwarded: for=1.2.3.4", "-H", "X-Forwarded-For: 1.2.3.4",
            ]
            let own = try String(contentsOfFile: front.folder + "/tls/desk.pem", encoding: .utf8)
            let desk = try await front.curl("/fields", forged, mutual: true).output
            #expect(desk.contains("certificate: \(own)"))
            #expect(desk.contains("x-forwarded-for: 127.0.0.1\n"))
            #expect(!desk.contains("forged") && !desk.contains("1.2.3.4") && !desk.contains("x-client"))
            let plain = try await front.curl("/fields", forged).output
            #expect(plain.contains("certificate: -\n"))
            #expect(!plain.contains("forged") && !plain.contains("1.2.3.4") && !plain.contains("x_client"))
        }
    }

    @Test
    func `without a certificate, with a foreign one, or under another name nobody comes in`() async throws {
        try await Front.run { fixture, front in
            let code = ["-o", "/dev/null", "-w", "%{http_code}"]
            #expect(try await front.curl("/ping", code, mutual: true, certificate: false).output == "400")
            let other = ["--cert", "\(front.folder)/tls/other.pem", "--key", "\(front.folder)/tls/other.key"]
            #expect(try await front.curl("/ping", code + other, mutual: true, certificate: false).output == "400")
            let elsewhere = [
                "--fail-early", "--connect-to", "evil.example:443:127.0.0.1:\(front.port)", "https://evil.example/ping",
            ]
            let refused = try await front.curl("/ping", code + elsewhere)
            #expect(refused.status == 35)
            #expect(try await front.curl("/ping", code + ["-H", "Host: evil.example"]).output == "421")
            #expect(try await front.curl("/ping", code + ["--tls-max", "1.2"]).output == "000")
            #expect(try await front.curl("/ping", code).output == "200")
            #expect(fixture.server.requestsInside == 0)
        }
    }

    @Test
    func `the desk relay is unknown on the public side, large bodies pass where they may`() async throws {
        try await Front.run { _, front in
            let code = ["-o", "/dev/null", "-w", "%{http_code}"]
            #expect(try await front.curl("/api/v1/perso/next", code + ["-d", "x"]).output == "404")
            let file = front.folder + "/large"
            try Data(repeating: 0x78, count: 1 << 20).write(to: URL(fileURLWithPath: file))
            #expect(try await front.curl("/console/upload", ["--data-binary", "@" + file]).output == "1048576")
            #expect(try await front.curl("/count", code + ["--data-binary", "@" + file]).output == "413")
            // Refusals of the front are problem documents too.
            let refused = try await front.curl("/count", ["--data-binary", "@" + file])
            #expect(refused.output.contains(#""status":413"#), "\(refused)")
        }
    }

    @Test
    func `while the service is away the front says so, and afterwards goes on by itself`() async throws {
        try await Front.run { fixture, front in
            let code = ["-o", "/dev/null", "-w", "%{http_code}"]
            await fixture.server.stop()
            #expect(try await front.curl("/ping", code).output == "503")
            let router = Router([Route(.get, "/ping", name: "ping") { _, _ in .text("again") }])
            let settings = Server.Settings(
                sockets: [.public: fixture.socket()],
                socketGroup: getuid() == 0 ? "www-data" : nil
            )
            let server = try Server.start(settings, router, metrics: Metrics(), log: { _ in })
            #expect(try await front.curl("/ping").output == "again")
            await server.stop()
        }
    }

    @Test(.enabled(if: Tools.missing("ss").isEmpty, "not installed: ss (package iproute2)"))
    func `the service itself listens on Unix sockets alone`() async throws {
        try await Front.run { fixture, front in
            let ours = "pid=\(getpid()),"
            let network = try await Tools.demand("ss", ["-Hlntup"])
            #expect(network.contains("127.0.0.1:\(front.port) "))
            #expect(!network.split(separator: "\n").contains { $0.contains(ours) })
            let local = try await Tools.demand("ss", ["-Hlxp"]).split(separator: "\n")
            for entrance in Entrance.allCases {
                #expect(local.contains { $0.contains(fixture.socket(entrance) + " ") && $0.contains(ours) })
            }
        }
    }

    @Test
    func `the front's log names no person, and its files are closed to others`() async throws {
        try await Front.run { _, front in
            _ = try await front.curl("/echo/110101199003070000?name=zhang")
            let log = front.folder + "/nginx/access.log"
            let isWritten = await eventually { (try? String(contentsOfFile: log, encoding: .utf8))?.isEmpty == false }
            #expect(isWritten)
            let text = try String(contentsOfFile: log, encoding: .utf8)
            #expect(text.contains(#""net":"127.0.0.0""#) && !text.contains("110101") && !text.contains("zhang"))
            for name in ["access.log", "error.log", "nginx.conf"] {
                var status = stat()
                unsafe lstat(front.folder + "/nginx/" + name, &status)
                #expect(status.st_mode & 0o077 == 0)
            }
        }
    }

    @Test
    func `the script starts once, finds what a killed master left, and stops twice without complaint`() async throws {
        try await Front.run { _, front in
            #expect(try await front.startAgain().status == 0)
            #expect(try await front.script("reload").status == 0)
            let file = front.folder + "/nginx/nginx.pid"
            let pid = try #require(pid_t(try String(contentsOfFile: file, encoding: .utf8).filter(\.isNumber)))
            kill(pid, SIGKILL)
            #expect(try await eventually { try await front.script("status").status == 3 })
            #expect(try await front.startAgain().status == 0)
            #expect(try await front.curl("/ping").output == "pong")
            #expect(try await front.script("stop").status == 0)
            // A stale pid file that names a live program which is not ours.
            try "\(getpid())\n".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try await front.script("status").status == 3)
            #expect(try await front.startAgain().status == 0)
            #expect(try await front.script("stop").status == 0)
            #expect(try await front.script("stop").status == 0)
            #expect(try await front.script("status").status == 3)
        }
    }

    @Test
    func `a port that is taken is refused by name`() async throws {
        try await Front.run { _, front in
            let second = try Fixture.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: second) }
            try FileManager.default.copyItem(atPath: front.folder + "/tls", toPath: second + "/tls")
            let free = Front.freePorts().0
            let there = Front(folder: second, port: free, mutualPort: front.port)
            let outcome = try await there.startAgain()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("port \(front.port) is taken"))
            #expect(try await there.script("status").status == 3)
        }
    }
}
