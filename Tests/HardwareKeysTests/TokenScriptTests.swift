import Foundation
import Testing

@Suite("令牌脚本 token.sh", .enabled(if: TestToken.module != nil, "SoftHSM is not installed: apt-get install softhsm2"))
struct TokenScriptTests {
    let script = "\(TestToken.repository)/Deploy/local/token.sh"
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cz-script-\(UUID().uuidString)").path

    @Test
    func `a token is made once, found again, and never made over a lost PIN`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let line = "SOFTHSM2_CONF=\(folder)/token/softhsm2.conf\n"
        #expect(throws: (any Error).self) { try TestToken.run(script, ["status", folder]) }
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(try TestToken.run(script, ["start", folder]) == line)
        let pin = try contents("keys/pin")
        #expect(pin.count == 25)
        #expect(try pin != contents("keys/so-pin"))
        #expect(try TestToken.run(script, ["start", folder]) == line)
        #expect(try TestToken.run(script, ["status", folder]) == line)
        #expect(try TestToken.run(script, ["stop", folder]).isEmpty)
        #expect(try contents("keys/pin") == pin)
        for (path, mode) in [("token", 0o700), ("token/tokens", 0o700), ("keys/pin", 0o600), ("keys/so-pin", 0o600)] {
            let found = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")[.posixPermissions]
            #expect(found as? Int == mode, "\(path)")
        }
        try FileManager.default.removeItem(atPath: "\(folder)/keys/pin")
        let fault = #expect(throws: TestToken.Fault.self) { try TestToken.run(script, ["start", folder]) }
        #expect(fault?.description.contains("but its PIN files in \(folder)/keys are not") == true)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/keys/pin"))
    }

    @Test
    func `a folder that the configuration cannot name is refused`() throws {
        let blank = "\(folder) two"
        defer { try? FileManager.default.removeItem(atPath: blank) }
        #expect(throws: TestToken.Fault.self) { try TestToken.run(script, ["start", blank]) }
    }

    private func contents(_ path: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
    }
}
