import Cryptography
import Encodings
import Foundation
import HardwareKeys
import KeyHierarchy
import Octets
import Testing

/// All suites that share the token and its login run one after another below this one.
@Suite(
    "令牌 keys in a PKCS #11 token",
    .serialized,
    .enabled(if: TestToken.module != nil, "SoftHSM is not installed: apt-get install softhsm2")
)
enum HardwareKeysTests {
    @Suite("令牌保管 the key ring over a token")
    struct TokenCustodyTests {
        let token: TestToken
        let custody: TokenCustody

        init() throws {
            token = try TestToken.shared.get()
            custody = try TokenCustody(token.settings())
        }

        static func fresh(_ purpose: String) throws -> KeyName {
            try KeyName("\(purpose).\(UUID().uuidString.prefix(8).lowercased())")
        }

        func ring() throws -> KeyRing {
            let path = "\(TestToken.repository)/Keys/hierarchy.json"
            let json = try JSONReader.read(Array(Data(contentsOf: URL(filePath: path))), form: .policy)
            return try KeyRing(hierarchy: Hierarchy(json), custody: custody, random: SystemRandom())
        }

        @Test
        func `a ring makes, signs, derives, seals and opens, and its records come back`() throws {
            let version = UInt32.random(in: 1...1_000_000)
            let first = try ring()
            var records: [KeyRecord] = []
            for purpose in [
                "root.kek", "kek.card", "kek.identity", "kek.pii", "card.issuer.scp03", "card.app.F04343310102.load",
                "perso.batch", "index.blind.name",
            ] { records.append(try first.make(KeyName(purpose, version: version))) }
            #expect(records.filter { $0.custody == .token }.count == 5)
            let second = try ring()
            for record in records { try second.adopt(record) }
            let master = try KeyName("card.issuer.scp03", version: version)
            let one = try first.derive(master, label: "CC1/SCP03/ENC", context: [1])
            let other = try second.derive(master, label: "CC1/SCP03/ENC", context: [1])
            let isEqual = unsafe other.withUnsafeOctets { unsafe one.equals(Array($0)) }
            #expect(isEqual)
            let child = SecretOctets(copying: [UInt8](repeating: 9, count: 32))
            let sealed = try first.seal("kek.pii", associated: [7], child)
            let isOpened = try second.open(KeyName("kek.pii", version: version), associated: [7], sealed)
                .equals([UInt8](repeating: 9, count: 32))
            #expect(isOpened)
            let signer = try second.signer("perso.batch")
            #expect(signer.publicKey.verifies(try signer.sign([1, 2, 3]), of: [1, 2, 3]))
            #expect(try custody.verifyObjects(records: records).allSatisfy { $0.isForeign })
        }

        @Test
        func `a card key from the token equals the one that software derives from the same master`() throws {
            let octets = SystemRandom().octets(16)
            let name = try Self.fresh("card.transport")
            try custody.bring(name, .aes128, SecretOctets(copying: octets))
            for context in [[UInt8](), [1], [UInt8](repeating: 0xA5, count: 100)] {
                let input = KeyDerivation.block(1, label: "CC1/SCP03/MAC", context: context, count: 16)
                let derived = try KeyDerivation.counterCMAC(
                    .aes128,
                    master: SecretOctets(copying: octets),
                    label: "CC1/SCP03/MAC",
                    context: context
                )
                #expect(try derived.equals(custody.cmac(name, input)))
            }
        }

        @Test
        func `what the token seals software opens, and the other way round`() throws {
            let octets = SystemRandom().octets(32)
            let name = try Self.fresh("kek.card")
            try custody.bring(name, .aes256, SecretOctets(copying: octets))
            let nonce = SystemRandom().octets(12)
            let clear = SystemRandom().octets(32)
            let sealed = try custody.seal(name, nonce: nonce, associated: [1, 2], SecretOctets(copying: clear))
            let key = SecretOctets(copying: octets)
            #expect(try SealedBox.open(key: key, nonce: nonce, associated: [1, 2], sealed) == clear)
            let other = try SealedBox.seal(
                key: key,
                nonce: nonce,
                associated: [],
                secret: SecretOctets(copying: clear)
            )
            let isOpened = try custody.open(name, nonce: nonce, associated: [], other).equals(clear)
            #expect(isOpened)
            for index in sealed.indices {
                var altered = sealed
                altered[index] ^= 1
                #expect(throws: CustodyFault.altered(name), "octet \(index)") {
                    _ = try custody.open(name, nonce: nonce, associated: [1, 2], altered).count
                }
            }
            for count in sealed.indices {
                #expect(throws: CustodyFault.altered(name), "\(count) octets") {
                    _ = try custody.open(name, nonce: nonce, associated: [1, 2], Array(sealed.prefix(count))).count
                }
            }
            #expect(throws: CustodyFault.altered(name)) {
                _ = try custody.open(name, nonce: nonce, associated: [1], sealed).count
            }
        }

        @Test
        func `a key does what it is for and nothing else`() throws {
            let kek = try Self.fresh("kek.card")
            let master = try Self.fresh("card.transport")
            let pair = try Self.fresh("perso.batch")
            try custody.bring(kek, .aes256, SystemRandom().secret(32))
            try custody.bring(master, .aes128, SystemRandom().secret(16))
            let point = try custody.makePair(pair)
            #expect(try custody.point(pair) == point)
            #expect(try custody.point(kek) == nil)
            let digest = [UInt8](repeating: 1, count: 32)
            let nonce = [UInt8](repeating: 0, count: 12)
            #expect(throws: CustodyFault.notAllowed(kek, .sign)) { try custody.sign(kek, digest: digest) }
            #expect(throws: CustodyFault.notAllowed(kek, .derive)) { try custody.cmac(kek, [1]) }
            #expect(throws: CustodyFault.notAllowed(pair, .derive)) { try custody.cmac(pair, [1]) }
            #expect(throws: CustodyFault.notAllowed(pair, .sign)) { try custody.sign(pair, digest: [1]) }
            #expect(throws: CustodyFault.notAllowed(master, .wrap)) {
                try custody.seal(master, nonce: nonce, associated: [], SystemRandom().secret(16))
            }
            #expect(throws: CustodyFault.notAllowed(kek, .derive)) {
                try custody.bring(kek, .sm4, SystemRandom().secret(16))
            }
            #expect(throws: CustodyFault.exists(kek)) { try custody.bring(kek, .aes256, SystemRandom().secret(32)) }
            #expect(throws: CustodyFault.exists(pair)) { try custody.makePair(pair) }
            #expect(throws: CustodyFault.exists(master)) { try custody.makePair(master) }
            let nobody = try Self.fresh("kek.pii")
            #expect(throws: CustodyFault.absent(nobody)) { try custody.cmac(nobody, [1]) }
            #expect(throws: CustodyFault.absent(nobody)) { try custody.point(nobody) }
        }

        @Test
        func `two threads sign and derive at the same time`() async throws {
            let master = try Self.fresh("card.transport")
            let pair = try Self.fresh("perso.batch")
            try custody.bring(master, .aes128, SystemRandom().secret(16))
            let key = try PublicKey(point: custody.makePair(pair), on: .p256)
            let expected = try custody.cmac(master, [7])
            let custody = custody
            let threads = (0..<8).map { number in
                TestThread {
                    for turn in 0..<50 {
                        let message = [UInt8(number), UInt8(turn)]
                        let raw = try custody.sign(pair, digest: Digest.sha256.hash(message))
                        let der = try #require(SignatureForm.der(fromRaw: raw))
                        #expect(key.verifies(der, of: message))
                        #expect(try custody.cmac(master, [7]) == expected)
                    }
                }
            }
            for thread in threads { try thread.join() }
        }

        @Test
        func `of two threads that make the same key one is told that it exists`() throws {
            let pair = try Self.fresh("perso.batch")
            let custody = custody
            let outcomes = Lock([Bool]())
            let threads = (0..<4).map { _ in
                TestThread {
                    let isMade = (try? custody.makePair(pair)) != nil
                    outcomes.with { $0.append(isMade) }
                }
            }
            for thread in threads { try thread.join() }
            #expect(outcomes.with { $0.filter { $0 }.count } == 1)
            #expect(try custody.point(pair) != nil)
        }
    }
}

extension ObjectFinding {
    /// Whether the finding speaks of an object of another test.
    var isForeign: Bool { if case .foreign = self { true } else { false } }
}

/// A real thread: custody calls block.
final class TestThread: Sendable {
    private let outcome = Lock<Result<Void, any Error>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () throws -> Void) {
        let outcome = outcome
        let isDone = isDone
        Thread.detachNewThread {
            let result = Result { try body() }
            outcome.with { $0 = result }
            isDone.signal()
        }
    }

    func join() throws {
        isDone.wait()
        try outcome.with { $0 }?.get()
    }
}
