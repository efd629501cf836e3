import Foundation
import Glibc
import HTTP

/// A private nginx before a fixture's server, with a throw-away authority and free ports.
struct Front: Sendable {
    let folder: String
    let port: UInt16
    let mutualPort: UInt16

    static let missing = Tools.missing("nginx", "openssl", "curl", "sh")
    static let isHere = missing.isEmpty

    private static let script: String = {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return here.appendingPathComponent("../../Deploy/local/nginx.sh").standardizedFileURL.path
    }()

    /// Runs a server and a front, then the body, then stops both.
    static func run(heartbeat: Duration = .seconds(15), _ body: (Fixture, Front) async throws -> Void) async throws {
        try await Fixture.run(heartbeat: heartbeat) { fixture in
            let front = try await start(in: fixture.folder)
            do {
                try await body(fixture, front)
            } catch {
                _ = try await front.script("stop")
                throw error
            }
            _ = try await front.script("stop")
        }
    }

    /// Calls the script on this folder.
    func script(_ command: String, _ more: [String] = []) async throws -> Tools.Outcome {
        try await Tools.run("sh", [Self.script, command, folder] + more)
    }

    /// Starts the script once more with the same ports.
    func startAgain() async throws -> Tools.Outcome { try await script("start", ["\(port)", "\(mutualPort)"]) }

    /// curl against the public side, or against the mutual one with a certificate.
    func curl(
        _ path: String,
        _ more: [String] = [],
        mutual: Bool = false,
        certificate: Bool = true
    ) async throws
        -> Tools.Outcome
    {
        var arguments = ["-sS", "--max-time", "20", "--cacert", "\(folder)/tls/ca.pem"]
        if mutual, certificate {
            arguments += ["--cert", "\(folder)/tls/desk.pem", "--key", "\(folder)/tls/desk.key"]
        }
        let address = "https://localhost:\(mutual ? mutualPort : port)\(path)"
        return try await Tools.run("curl", arguments + more + [address])
    }

    /// Sends octets over TLS as they are and reads what comes, until the claim holds or the other side closes.
    func raw(
        _ octets: [UInt8],
        limitSeconds: Double = 12,
        until isEnough: @escaping @Sendable (String) -> Bool
    )
        async throws -> (text: String, isClosed: Bool)
    {
        try await onThread { [folder, port] in
            // A pair of sockets as the program's input and output.
            var ends: [Int32] = [-1, -1]
            unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
            let (ours, theirs) = (ends[0], ends[1])
            let null = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
            let process = try Spawned(
                Tools.path("openssl") ?? "openssl",
                [
                    "s_client", "-quiet", "-verify_quiet", "-connect", "127.0.0.1:\(port)", "-servername", "localhost",
                    "-CAfile", "\(folder)/tls/ca.pem", "-alpn", "http/1.1",
                ],
                input: theirs,
                output: theirs,
                errors: null
            )
            close(theirs)
            close(null)
            defer {
                process.end()
                close(ours)
            }
            // In pieces between readings: the program may end before all is written, and that is an answer too.
            var rest = octets[...]
            let descriptor = ours
            var got: [UInt8] = []
            let end = Date().addingTimeInterval(limitSeconds)
            var block = [UInt8](repeating: 0, count: 65_536)
            while Date() < end {
                let events = Int16(POLLIN) | (rest.isEmpty ? 0 : Int16(POLLOUT))
                var wanted = pollfd(fd: descriptor, events: events, revents: 0)
                guard unsafe poll(&wanted, 1, 100) > 0 else { continue }
                if !rest.isEmpty, wanted.revents & Int16(POLLOUT) != 0 {
                    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                    let sent = unsafe rest.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, flags) }
                    rest = sent > 0 ? rest.dropFirst(sent) : []
                }
                guard wanted.revents & Int16(POLLIN | POLLHUP) != 0 else { continue }
                let count = unsafe block.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { return (String(decoding: got, as: UTF8.self), true) }
                got += block.prefix(count)
                let text = String(decoding: got, as: UTF8.self)
                if isEnough(text) { return (text, false) }
            }
            return (String(decoding: got, as: UTF8.self), false)
        }
    }

    /// Two ports that nobody listens on at the moment.
    static func freePorts() -> (UInt16, UInt16) {
        let (first, second) = (boundPort(), boundPort())
        close(first.descriptor)
        close(second.descriptor)
        return (first.port, second.port)
    }

    private static func start(in folder: String) async throws -> Front {
        try await makeCertificates(folder + "/tls")
        var said = ""
        for _ in 0..<5 {
            let (port, mutualPort) = freePorts()
            let front = Front(folder: folder, port: port, mutualPort: mutualPort)
            let outcome = try await front.startAgain()
            if outcome.status == 0 { return front }
            said = outcome.errors
        }
        throw Tools.Fault(what: said)
    }

    private static func makeCertificates(_ folder: String) async throws {
        let script = """
            set -e; mkdir -p "$1"; cd "$1"
            new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
            openssl req -x509 $new -keyout ca.key -out ca.pem -subj /CN=test-authority -days 2
            openssl req -x509 $new -keyout other.key -out other.pem -subj /CN=other -days 2
            for name in srv desk; do
              openssl req $new -keyout $name.key -out $name.csr -subj /CN=$name
              echo subjectAltName=DNS:localhost >ext
              openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out $name.pem
            done
            """
        _ = try await Tools.demand("sh", ["-c", script, "sh", folder])
    }

    private static func boundPort() -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe bind(descriptor, pointer, size)
                _ = unsafe getsockname(descriptor, pointer, &size)
            }
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
