import Foundation
import Glibc
import ServiceClient
import Testing

@Suite("服务器身份校验 verifying the service")
struct VerificationTests {
    private static let openssl = "/usr/bin/openssl"

    private static func run(_ arguments: [String], in folder: URL) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: openssl)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func freePort() -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
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
        return UInt16(bigEndian: address.sin_port)
    }

    /// The answer once the service is up, or the first fault that is not its absence.
    private static func ask(_ settings: Client.Settings) async throws -> ClientResponse {
        let client = try Client(settings)
        for _ in 0..<400 {
            let outcome = await fault(client)
            guard outcome == ClientFault.unreachable(code: 7) else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try await client.send("GET", "/")
    }

    private static func fault(_ client: Client) async -> ClientFault? {
        do {
            _ = try await client.send("GET", "/")
            return nil
        } catch {
            return error
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: openssl), "not installed: openssl"))
    func `only the given authority, the right name and TLS 1.3 are believed`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["srv", "other"] {
            let made = try Self.run(
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-keyout", "\(name).key", "-out", "\(name).pem", "-subj", "/CN=\(name)", "-addext",
                    "subjectAltName=DNS:localhost",
                ],
                in: folder
            )
            made.waitUntilExit()
            #expect(made.terminationStatus == 0)
        }
        let (port, oldPort) = (Self.freePort(), Self.freePort())
        let common = ["s_server", "-cert", "srv.pem", "-key", "srv.key", "-www", "-quiet", "-accept"]
        let service = try Self.run(common + ["127.0.0.1:\(port)", "-tls1_3"], in: folder)
        let old = try Self.run(common + ["127.0.0.1:\(oldPort)", "-tls1_2"], in: folder)
        defer {
            // By number: the test's runner blocks the gentler signal, and its children inherit that.
            for process in [service, old] { kill(process.processIdentifier, SIGKILL) }
        }
        let right = folder.appendingPathComponent("srv.pem").path
        let other = folder.appendingPathComponent("other.pem").path
        let good = try await Self.ask(Client.Settings(address: "https://localhost:\(port)", authorityFile: right))
        #expect(good.status == 200)
        await #expect(throws: ClientFault.tls(code: 60)) {
            try await Self.ask(Client.Settings(address: "https://localhost:\(port)", authorityFile: other))
        }
        await #expect(throws: ClientFault.tls(code: 60)) {
            try await Self.ask(Client.Settings(address: "https://localhost:\(port)"))
        }
        await #expect(throws: ClientFault.tls(code: 60)) {
            try await Self.ask(Client.Settings(address: "https://127.0.0.1:\(port)", authorityFile: right))
        }
        await #expect(throws: ClientFault.tls(code: 77)) {
            try await Self.ask(Client.Settings(address: "https://localhost:\(port)", authorityFile: right + "x"))
        }
        await #expect(throws: ClientFault.tls(code: 35)) {
            try await Self.ask(Client.Settings(address: "https://localhost:\(oldPort)", authorityFile: right))
        }
    }
}
