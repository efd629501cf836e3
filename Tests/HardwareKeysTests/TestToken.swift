import Foundation
import Glibc
import HardwareKeys
import KeyHierarchy

/// A throw-away SoftHSM token, one for the test process: the module reads SOFTHSM2_CONF once.
struct TestToken: Sendable {
    struct Fault: Error, CustomStringConvertible { let description: String }

    let folder: String
    let modulePath: String

    /// The module's path; nil where SoftHSM is not installed.
    static let module: String? = {
        let named = ProcessInfo.processInfo.environment["CITIZEN_PKCS11_MODULE"]
        let paths = [
            named, "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        ]
        return paths.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// The token of this process, made by the first caller.
    static let shared = Result { try TestToken() }

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").path

    private init() throws {
        guard let module = Self.module else { throw Fault(description: "SoftHSM is not installed") }
        modulePath = module
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("cz-token-\(UUID().uuidString)").path
        let answer = try Self.run("\(Self.repository)/Deploy/local/token.sh", ["start", folder])
        guard answer.contains("SOFTHSM2_CONF=\(configuration)\n") else { throw Fault(description: answer) }
        unsafe setenv("SOFTHSM2_CONF", configuration, 1)
        unsafe setenv("CZ_TEST_TOKEN", folder, 1)
        // What the process makes goes with it.
        atexit { if let path = unsafe getenv("CZ_TEST_TOKEN") { TestToken.remove(unsafe String(cString: path)) } }
    }

    private static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    var configuration: String { "\(folder)/token/softhsm2.conf" }
    var pinPath: String { "\(folder)/keys/pin" }

    func pin() throws -> String {
        try String(contentsOfFile: pinPath, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func settings(
        label: String = "citizen-online",
        serial: String? = nil,
        pinPath: String? = nil,
        vendor: String? = nil
    ) throws -> TokenSettings {
        TokenSettings(
            modulePath: modulePath,
            tokenLabel: label,
            tokenSerial: serial,
            pinPath: pinPath ?? self.pinPath,
            sessions: 4,
            vendor: try VendorMechanisms(path: vendor ?? "\(Self.repository)/Keys/vendors/softhsm2.json")
        )
    }

    /// A private copy of the PIN file with other words or another mode.
    func pinFile(_ text: String, mode: Int = 0o600) throws -> String {
        let path = "\(folder)/pin-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    /// Runs a program to its end; what it wrote to both streams.
    static func run(_ program: String, _ arguments: [String], _ variables: [String: String] = [:]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Fault(description: "\(program): \(process.terminationStatus) \(text)")
        }
        return text
    }
}
