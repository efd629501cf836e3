import CPKCS11
import Cryptography
import Encodings
import Foundation
import HardwareKeys
import KeyHierarchy
import Octets
import Testing

extension HardwareKeysTests {
    @Suite("令牌陷阱 lost logins, wrong PINs, removed tokens")
    struct TokenTrapTests {
        let token: TestToken
        let digest = [UInt8](repeating: 3, count: 32)

        init() throws { token = try TestToken.shared.get() }

        @Test
        func `a login lost under eight threads is made once more, and every call succeeds`() throws {
            let custody = try TokenCustody(token.settings())
            let raw = try RawToken(token)
            let pair = try TokenCustodyTests.fresh("perso.batch")
            let key = try PublicKey(point: custody.makePair(pair), on: .p256)
            for _ in 0..<5 {
                raw.logout()
                let threads = (0..<8).map { number in
                    TestThread {
                        let message = [UInt8(number)]
                        let raw = try custody.sign(pair, digest: Digest.sha256.hash(message))
                        #expect(key.verifies(try #require(SignatureForm.der(fromRaw: raw)), of: message))
                    }
                }
                for thread in threads { try thread.join() }
            }
        }

        @Test
        func `a wrong PIN is tried once, and later calls are refused without a further try`() throws {
            try RawToken(token).logout()
            let path = try token.pinFile("000000000000")
            #expect(throws: CustodyFault.pinRefused) { try TokenCustody(token.settings(pinPath: path)) }

            let pinPath = try token.pinFile(token.pin())
            let custody = try TokenCustody(token.settings(pinPath: pinPath))
            let pair = try TokenCustodyTests.fresh("perso.batch")
            _ = try custody.makePair(pair)
            try "000000000000".write(toFile: pinPath, atomically: false, encoding: .utf8)
            try RawToken(token).logout()
            #expect(throws: CustodyFault.pinRefused) { try custody.sign(pair, digest: digest) }
            // Were there a second try, the PIN that is right again would let it in.
            try token.pin().write(toFile: pinPath, atomically: false, encoding: .utf8)
            #expect(throws: CustodyFault.pinRefused) { try custody.sign(pair, digest: digest) }
            #expect(throws: CustodyFault.pinRefused) { try custody.point(pair) }
            #expect(throws: CustodyFault.pinRefused) { try custody.verifyObjects(records: []) }
        }

        @Test(arguments: [0o644, 0o640, 0o602, 0o700])
        func `a PIN file that others may read or write is not used`(mode: Int) throws {
            let path = try token.pinFile(token.pin(), mode: mode)
            #expect(throws: CustodyFault.unreachable("the PIN file \(path) must have mode 0600")) {
                try TokenCustody(token.settings(pinPath: path))
            }
        }

        @Test
        func `a PIN file that is a link, a folder or another user's is not used`() throws {
            let link = "\(token.folder)/link-\(UUID().uuidString)"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: token.pinPath)
            #expect(throws: CustodyFault.self) { try TokenCustody(token.settings(pinPath: link)) }
            #expect(throws: CustodyFault.self) { try TokenCustody(token.settings(pinPath: token.folder)) }
            #expect(throws: CustodyFault.self) { try TokenCustody(token.settings(pinPath: token.pinFile("\n"))) }
            guard geteuid() == 0 else { return }
            let path = try token.pinFile(token.pin())
            try FileManager.default.setAttributes([.ownerAccountID: 65_534], ofItemAtPath: path)
            #expect(throws: CustodyFault.unreachable("the PIN file \(path) belongs to another user")) {
                try TokenCustody(token.settings(pinPath: path))
            }
        }

        @Test
        func `a token is found by label and serial number, and what is missing is named`() throws {
            for settings in [try token.settings(label: "citizen"), try token.settings(serial: "0000000000000000")] {
                let fault = #expect(throws: CustodyFault.self) { try TokenCustody(settings) }
                guard case .unreachable(let text) = fault else {
                    Issue.record("\(String(describing: fault))")
                    continue
                }
                #expect(text.contains("has no token \(settings.tokenLabel)"))
            }
            let module = "/nonexistent/module.so"
            let none = TokenSettings(
                modulePath: module,
                tokenLabel: "citizen-online",
                pinPath: token.pinPath,
                vendor: try token.settings().vendor
            )
            #expect(throws: CustodyFault.self) { try TokenCustody(none) }
        }

        @Test
        func `a mechanism table with an unknown member, or a number the token lacks, is refused by name`() throws {
            let path = "\(TestToken.repository)/Keys/vendors/softhsm2.json"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            func altered(_ old: String, _ new: String) throws -> String {
                let copy = "\(token.folder)/vendor-\(UUID().uuidString).json"
                try text.replacing(old, with: new).write(toFile: copy, atomically: true, encoding: .utf8)
                return copy
            }
            let unknown = try altered("\"ecdsa\"", "\"ecdsb\"")
            #expect(throws: CustodyFault.unreachable("\(unknown)/mechanisms/ecdsb: unknown member")) {
                try VendorMechanisms(path: unknown)
            }
            let short = try altered("48", "40")
            #expect(throws: CustodyFault.unreachable("\(short)/gcmParameterOctets: 48 is due")) {
                try VendorMechanisms(path: short)
            }
            let strange = try token.settings(vendor: try altered("0x108A", "0x8000108A"))
            let fault = #expect(throws: CustodyFault.self) { try TokenCustody(strange) }
            #expect("\(String(describing: fault))".contains("aesCMAC"))
        }

        @Test
        func `a token that is taken away and put back works again within a second`() throws {
            let custody = try TokenCustody(token.settings())
            let pair = try TokenCustodyTests.fresh("perso.batch")
            _ = try custody.makePair(pair)
            let place = "\(token.folder)/token/tokens"
            try FileManager.default.moveItem(atPath: place, toPath: "\(place).away")
            var faults: [CustodyFault] = []
            let other = try TokenCustodyTests.fresh("perso.batch")
            for _ in 0..<3 {
                do throws(CustodyFault) { _ = try custody.makePair(other) } catch {
                    faults.append(error)
                }
            }
            try FileManager.default.moveItem(atPath: "\(place).away", toPath: place)
            #expect(faults.count == 3)
            for fault in faults {
                guard case .unreachable = fault else {
                    Issue.record("\(fault)")
                    continue
                }
            }
            let start = ContinuousClock.now
            #expect(try custody.sign(pair, digest: digest).count == 64)
            #expect(ContinuousClock.now - start < .seconds(1))
        }

        @Test
        func `what a process leaves that ends while it makes a pair does not stand in the way`() throws {
            let custody = try TokenCustody(token.settings())
            let raw = try RawToken(token)
            let pair = try TokenCustodyTests.fresh("perso.batch")
            let octets = Array(pair.description.utf8)
            let curve: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            let other = try custody.makePair(TokenCustodyTests.fresh("perso.batch"))
            let half = raw.create([
                (CKA_CLASS, RawToken.word(CKO_PUBLIC_KEY)), (CKA_KEY_TYPE, RawToken.word(CKK_EC)), (CKA_TOKEN, [1]),
                (CKA_PRIVATE, [0]), (CKA_LABEL, octets), (CKA_ID, octets), (CKA_EC_PARAMS, curve),
                (CKA_EC_POINT, [0x04, 0x41] + other),
            ])
            #expect(half.code == 0)
            #expect(throws: CustodyFault.absent(pair)) { try custody.point(pair) }
            let point = try custody.makePair(pair)
            #expect(point != other)
            #expect(raw.find(pair.description, class: CKO_PUBLIC_KEY).count == 1)

            // Empty object files are what SoftHSM leaves after kill -9.
            let tokens = "\(token.folder)/token/tokens"
            let inner = try #require(FileManager.default.contentsOfDirectory(atPath: tokens).first)
            let empty = "\(tokens)/\(inner)/\(UUID().uuidString.lowercased()).object"
            #expect(FileManager.default.createFile(atPath: empty, contents: Data()))
            let second = try TokenCustody(token.settings())
            #expect(try second.point(pair) == point)
            _ = try second.makePair(TokenCustodyTests.fresh("perso.batch"))
            try FileManager.default.removeItem(atPath: empty)
        }

        @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/pkcs11-tool"), "opensc is not installed"))
        func `another program sees our keys as sensitive and never extractable`() throws {
            let custody = try TokenCustody(token.settings())
            let name = try TokenCustodyTests.fresh("kek.card")
            try custody.bring(name, .aes256, SystemRandom().secret(32))
            let pair = try TokenCustodyTests.fresh("perso.batch")
            _ = try custody.makePair(pair)
            let text = try TestToken.run(
                "/usr/bin/pkcs11-tool",
                [
                    "--module", token.modulePath, "--token-label", "citizen-online", "--login", "--pin", "env:CZ_PIN",
                    "--list-objects",
                ],
                ["CZ_PIN": try token.pin(), "SOFTHSM2_CONF": token.configuration]
            )
            for key in [name, pair] {
                // Objects begin at the margin; what is said of them is indented.
                let own = text.replacing("\n  ", with: " ").split(separator: "\n").filter {
                    $0.contains(key.description) && !$0.hasPrefix("Public Key Object")
                }
                #expect(own.count == 1, "\(key)")
                let access = try #require(own.first?.split(separator: "Access:").last)
                    .replacing("never extractable", with: "")
                #expect(access.contains(" sensitive") && !access.contains("extractable"), "\(access)")
            }
        }
    }
}
