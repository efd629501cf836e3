import Cryptography
import Encodings
import Foundation
import KeyHierarchy
import Octets
import Testing

@Suite("密钥环 the key ring over sealed files")
struct KeyRingTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("citizen-keys-\(UUID().uuidString)").path

    static func hierarchy() throws -> Hierarchy {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Keys/hierarchy.json"
        )
        return try Hierarchy(JSONReader.read(Array(Data(contentsOf: path)), form: .policy))
    }

    func ring() throws -> KeyRing {
        try KeyRing(
            hierarchy: Self.hierarchy(),
            custody: FileCustody(folder: folder, random: SystemRandom()),
            random: SystemRandom()
        )
    }

    @Test
    func `keys come back from their records with the same check values`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try ring()
        var records: [KeyRecord] = []
        for purpose in [
            "root.kek", "kek.pii", "kek.card", "card.issuer.scp03", "card.app.F04343310102.load", "perso.batch",
        ] {
            records.append(try first.make(KeyName(purpose)))
        }
        let second = try ring()
        for record in records { try second.adopt(record) }
        let master = try KeyName("card.issuer.scp03")
        let one = try first.derive(master, label: "CC1/SCP03/ENC", context: [1])
        let other = try second.derive(master, label: "CC1/SCP03/ENC", context: [1])
        let equal = unsafe other.withUnsafeOctets { unsafe one.equals(Array($0)) }
        #expect(equal)
        let sealed = try first.seal("kek.pii", associated: [7], SecretOctets(copying: [UInt8](repeating: 9, count: 32)))
        let opened = try second.open(KeyName("kek.pii"), associated: [7], sealed)
        let same = opened.equals([UInt8](repeating: 9, count: 32))
        #expect(same)
        #expect(throws: KeyRing.Fault.self) { _ = try second.open(KeyName("kek.pii"), associated: [8], sealed).count }
        let signer = try second.signer("perso.batch")
        #expect(signer.publicKey.verifies(try signer.sign([1, 2, 3]), of: [1, 2, 3]))
        second.lock()
        #expect(throws: KeyRing.Fault.custody(.locked)) {
            _ = try second.derivePurseKey(KeyName("card.app.F04343310102.load"), factors: []).count
        }
    }

    @Test
    func `the key of the evidence log signs, comes back from its record and is bound to it`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try ring()
        let made = try ["root.kek", "kek.evidence", "evidence.log"].map { try first.make(KeyName($0)) }
        let record = try #require(made.last)
        #expect(record.algorithm == .ed25519 && record.custody == .wrapped && record.point?.count == 32)
        #expect(record.block?[5] == 0x13 && record.block?[14] == 0x10)
        #expect(record.publicKey.map(KeyCheckValue.spki) == record.checkValue)
        let second = try ring()
        for record in made { try second.adopt(record) }
        let signer = try second.signer("evidence.log")
        #expect(try signer.sign([1, 2, 3]).count == 64)
        #expect(record.publicKey?.verifies(try signer.sign([1, 2, 3]), of: [1, 2, 3]) == true)
        let foreign = KeyRecord(
            name: record.name,
            algorithm: .ed25519,
            custody: .wrapped,
            state: .active,
            checkValue: record.checkValue,
            point: [UInt8](repeating: 7, count: 32),
            block: record.block,
            activeDays: record.activeDays,
            usableDays: record.usableDays
        )
        #expect(throws: KeyRing.Fault.differs(record.name, member: "point")) { try second.adopt(foreign) }
        second.lock()
        #expect(throws: KeyRing.Fault.custody(.locked)) { _ = try signer.sign([1]) }
    }

    @Test
    func `every flipped bit of a key block is refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ring = try ring()
        _ = try ring.make(KeyName("root.kek"))
        let record = try ring.make(KeyName("kek.pii"))
        let block = try #require(record.block)
        #expect(try KeyBlock(block).encoded == block)
        for bit in 0..<block.count * 8 {
            var altered = block
            altered[bit / 8] ^= 1 << (bit % 8)
            let wrong = KeyRecord(
                name: record.name,
                algorithm: record.algorithm,
                custody: record.custody,
                state: .active,
                checkValue: record.checkValue,
                point: nil,
                block: altered,
                activeDays: 1,
                usableDays: 1
            )
            #expect(throws: KeyRing.Fault.self, "bit \(bit)") { try ring.adopt(wrong) }
        }
        for count in 0..<block.count {
            #expect(throws: KeyBlock.Fault.self) { try KeyBlock(Array(block.prefix(count))) }
        }
    }

    @Test
    func `a key does what its class names and nothing else`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ring = try ring()
        _ = try ring.make(KeyName("root.kek"))
        _ = try ring.make(KeyName("perso.batch"))
        #expect(throws: KeyRing.Fault.self) { try ring.mac("perso.batch", [1]) }
        #expect(throws: KeyRing.Fault.self) { try ring.signer("root.kek") }
        #expect(throws: KeyRing.Fault.unknownClass("card.unheard")) { try ring.make(KeyName("card.unheard")) }
        #expect(throws: KeyRing.Fault.self) { try ring.make(KeyName("root.kek")) }
    }

    @Test
    func `the block of the published vector reads and opens`() throws {
        let text =
            "434b42310103010001000000000101909f5e21636172642e6170702e413030303030303633323031303130352e636f6e73756d65"
            + "086b656b2e6361726400000001000102030405060708090a0b4621937c4c4e0ff4739d2d13c7bd4a7da30ce78fc9b4bb92ef"
            + "3425496ce87b9d"
        let block = try KeyBlock(Hex.decode(text))
        #expect(block.name.purpose == "card.app.A000000632010105.consume")
        #expect(block.usages == [.derive])
        let octets = try Hex.decode(text)
        let kek = SecretOctets(copying: Array(0..<32))
        let header = Array(octets.prefix(65))
        let key = try SealedBox.open(key: kek, nonce: Array(octets[65..<77]), associated: header, Array(octets[77...]))
        #expect(try key == Hex.decode("0123456789abcdeffedcba9876543210"))
        #expect(KeyCheckValue.cmac0(.sm4, SecretOctets(copying: key))?.description == "909F5E")
    }
}

@Suite("密钥定义 definitions under Keys/")
struct DefinitionTests {
    @Test
    func `an unknown member refuses the file with its pointer`() throws {
        let text = "{\"version\":1,\"effectiveFrom\":\"2026-01-01\",\"basis\":\"x\",\"classes\":[],\"clases\":[]}"
        let fault = #expect(throws: Hierarchy.Fault.self) {
            try Hierarchy(JSONReader.read(Array(text.utf8), form: .policy))
        }
        #expect(fault?.pointer == "/clases")
    }
}
