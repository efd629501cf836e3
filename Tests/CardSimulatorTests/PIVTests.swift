import Cryptography
import Encodings
import Octets
import Testing

@testable import CardSimulator

@Suite("PIV 应用 keys, objects, administration")
struct PIVTests {
    private static let wellKnown = [UInt8]((0..<24).map { $0 % 8 + 1 })
    private static let digest = [UInt8](repeating: 0xE5, count: 32)
    private static let sign = "26" + "7C2482008120" + Hex.encodeUpper(digest) + "00"
    private static let verify = "0020008008" + PINTests.pin

    /// A blank with 9B authenticated.
    private static func administered() throws -> Bench {
        var bench = try Bench()
        bench.select(AID.piv)
        let answer = bench.card.process(hex("0087039B047C02810000"))
        let proof = ecb(.tripleDES3, wellKnown, Array(answer[4..<12]))
        #expect(bench.send("0087039B0C7C0A8208" + Hex.encodeUpper(proof)) == "9000")
        return bench
    }

    private static func generate(_ bench: inout Bench, _ slot: String, _ algorithm: String) throws -> PublicKey {
        let answer = bench.send("004700" + slot + "05AC038001" + algorithm + "00")
        #expect(answer.hasPrefix("7F4943864104") && answer.hasSuffix("9000"))
        return try PublicKey(point: Array(hex(answer)[5..<70]), on: algorithm == "54" ? .sm2 : .p256)
    }

    @Test(arguments: ["9A", "9C", "9D", "9E"], ["11", "54"])
    func `a generated key signs what its public key verifies`(slot: String, algorithm: String) throws {
        var bench = try Self.administered()
        let key = try Self.generate(&bench, slot, algorithm)
        _ = bench.send(Self.verify)
        let answer = bench.send("0087" + algorithm + slot + Self.sign)
        if slot == "9D", algorithm == "54" {
            #expect(answer == "6A81")
            return
        }
        let signature = try BERTLV.one(hex(answer).dropLast(2)).children().value(0x82)
        if algorithm == "11" {
            #expect(key.verifies(signature, ofDigest: Self.digest))
        } else {
            #expect(SignatureForm.raw(fromDER: signature) != nil)
        }
    }

    @Test
    func `an SM2 key signs e of a message as its public key verifies it`() throws {
        var bench = try Self.administered()
        let key = try Self.generate(&bench, "9E", "54")
        let message = Array("市民卡".utf8)
        let curve = hex(
            """
            FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
            28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
            32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
            BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
            """
        )
        let identifier = [0x00, 0x80] + Array("1234567812345678".utf8)
        let point = try #require(key.point)
        let za = Digest.sm3.hash(identifier + curve + point.dropFirst())
        let e = Digest.sm3.hash(za + message)
        let answer = bench.send("0087549E267C2482008120" + Hex.encodeUpper(e) + "00")
        let signature = try BERTLV.one(hex(answer).dropLast(2)).children().value(0x82)
        #expect(key.verifies(signature, of: message))
    }

    @Test
    func `9A needs the PIN, 9C directly before each use, 9E none`() throws {
        var bench = try Self.administered()
        for slot in ["9A", "9C", "9E"] { _ = try Self.generate(&bench, slot, "11") }
        #expect(bench.send("0087119A" + Self.sign) == "6982")
        #expect(bench.send("0087119C" + Self.sign) == "6982")
        #expect(bench.send("0087119E" + Self.sign).hasSuffix("9000"))
        #expect(bench.send(Self.verify) == "9000")
        #expect(bench.send("0087119C" + Self.sign).hasSuffix("9000"))
        #expect(bench.send("0087119C" + Self.sign) == "6982")
        #expect(bench.send("0087119A" + Self.sign).hasSuffix("9000"))
        #expect(bench.send("0087119A" + Self.sign).hasSuffix("9000"))
        for between in ["80CA9F7F00", "00CB3FFF035C017E00", "00200080", "00F8000000", "01000000", "0087", "00C0000000"]
        {
            #expect(bench.send(Self.verify) == "9000")
            _ = bench.send(between)
            #expect(bench.send("0087119C" + Self.sign) == "6982")
        }
        #expect(bench.send(Self.verify) == "9000")
        #expect(bench.send("1087119C107C2482008120" + Hex.encodeUpper(Self.digest.prefix(10))) == "9000")
        #expect(bench.send("0087119C16" + Hex.encodeUpper(Self.digest.suffix(22)) + "00").hasSuffix("9000"))
    }

    @Test
    func `9D agrees on a key with P-256 and refuses a point off the curve`() throws {
        var bench = try Self.administered()
        let key = try Self.generate(&bench, "9D", "11")
        let host = try PrivateKey.generate(.p256)
        let point = try #require(host.publicKey.point)
        let command = "0087119D477C4582008541" + Hex.encodeUpper(point) + "00"
        #expect(bench.send(command) == "6982")
        _ = bench.send(Self.verify)
        let answer = bench.send(command)
        #expect(answer.hasPrefix("7C228220") && answer.hasSuffix("9000"))
        let agrees = try host.agree(with: key).equals(Array(hex(answer)[4..<36]))
        #expect(agrees)
        var off = point
        off[64] ^= 1
        #expect(bench.send("0087119D477C4582008541" + Hex.encodeUpper(off) + "00") == "6A80")
        #expect(bench.send("0087119A47" + command.dropFirst(10)) == "6A88")
    }

    @Test
    func `status words of GENERAL AUTHENTICATE and GENERATE`() throws {
        var bench = try Self.administered()
        _ = try Self.generate(&bench, "9A", "11")
        #expect(bench.send("0087079A" + Self.sign) == "6A86")
        #expect(bench.send("0087549A" + Self.sign) == "6A86")
        #expect(bench.send("00871199" + Self.sign) == "6A86")
        #expect(bench.send("0087119C" + Self.sign) == "6A88")
        #expect(bench.send("0047009A05AC03800107") == "6A80")
        #expect(bench.send("0047009A05AC03800114") == "6A80")
        #expect(bench.send("0047009B05AC03800111") == "6A86")
        #expect(bench.send("0047019A05AC03800111") == "6A86")
        _ = bench.send(Self.verify)
        for bad in ["147C128200810E" + String(repeating: "AA", count: 14), "047C028200", "00"] {
            #expect(bench.send("0087119A" + bad) == "6A80")
        }
    }

    @Test
    func `9B: mutual and single authentication, and a wrong answer`() throws {
        var bench = try Bench()
        bench.select(AID.piv)
        #expect(bench.send("0047009A05AC03800111") == "6982")
        #expect(bench.send("00DB3FFF095C035FC10253020102") == "6982")
        let shown = bench.card.process(hex("0087039B047C02800000"))
        #expect(Array(shown.prefix(4)) == hex("7C0A8008"))
        let witness = try BlockCipher.tripleDES3.decryptECB(
            key: SecretOctets(copying: Self.wellKnown),
            Array(shown[4..<12])
        )
        let asked = hex("0102030405060708")
        let answer = bench.send(
            "0087039B167C148008" + Hex.encodeUpper(witness) + "8108" + Hex.encodeUpper(asked) + "00"
        )
        #expect(answer == "7C0A8208" + Hex.encodeUpper(ecb(.tripleDES3, Self.wellKnown, asked)) + "9000")
        #expect(bench.send("0047009A05AC0380011100").hasSuffix("9000"))
        _ = bench.send("0087039B047C02810000")
        #expect(bench.send("0087039B0C7C0A82080000000000000000") == "6982")
        #expect(bench.send("0047009A05AC03800111") == "6982")
        #expect(bench.send("0087039B0C7C0A82080000000000000000") == "6985")
        #expect(bench.send("0087009B047C02810000").hasPrefix("7C0A8108"))
        #expect(bench.send("0087009B0C7C0A82080000000000000000") == "6A86")
        #expect(bench.send("0087089B047C02810000") == "6A86")
    }

    @Test
    func `under SC: AES for 9B, an imported 9D, objects; 9B opens nothing after personalisation`() throws {
        var bench = try SessionTraceTests.keyed()
        bench.select(AID.piv)
        bench.open(0x38)
        let dek = bench.host?.dataKey ?? []
        let management = [0x08, 0x10] + Bench.issuerMaster + [UInt8](repeating: 0, count: 14)
        #expect(bench.store(grouping(0x809B, cbc(.sm4, dek, management))) == "9000")
        let scalar = [UInt8](repeating: 0x11, count: 32)
        let imported = [0x11, 0x20] + scalar + [UInt8](repeating: 0, count: 14)
        #expect(bench.store(grouping(0x809D, cbc(.sm4, dek, imported))) == "9000")
        let zero = [0x11, 0x20] + [UInt8](repeating: 0, count: 46)
        #expect(bench.store(grouping(0x809D, cbc(.sm4, dek, zero))) == "6A80")
        #expect(bench.store(grouping(0x0101, hex("5C035FC10253020102"))) == "9000")
        #expect(bench.store(grouping(0x0101, hex("5C017E53020102"))) == "6A80")
        #expect(bench.secure("00DB3FFF075C017E53020102") == "6A80")
        #expect(
            bench.secure("80CADF3100") == "9B000008"
                + Hex.encodeUpper(ecb(.aes128, Bench.issuerMaster, [UInt8](repeating: 1, count: 16)).prefix(3)) + "9000"
        )
        #expect(bench.secure("0047009C05AC03800154").hasSuffix("9000"))
        bench.card.image.piv.directory.state = .personalized
        #expect(bench.store(grouping(0x809B, cbc(.sm4, dek, management))) == "6985")
        #expect(bench.secure("0047009A05AC03800111").hasSuffix("9000"))
        bench.select(AID.piv)
        let answer = bench.card.process(hex("0087089B047C02810000"))
        let proof = ecb(.aes128, Bench.issuerMaster, Array(answer[4..<20]))
        #expect(bench.send("0087089B147C128210" + Hex.encodeUpper(proof)) == "9000")
        #expect(bench.send("0047009A05AC03800111") == "6982")
        #expect(bench.send("00DB3FFF095C035FC10253020102") == "6982")
    }

    @Test
    func `objects: absent, PIN-bound, deleted; discovery and version are built in`() throws {
        var bench = try Self.administered()
        #expect(bench.send("00CB3FFF055C035FC10200") == "6A82")
        #expect(bench.send("00DB3FFF095C035FC10353020102") == "9000")
        #expect(bench.send("00CB3FFF055C035FC10300") == "6982")
        _ = bench.send(Self.verify)
        #expect(bench.send("00CB3FFF055C035FC10300") == "530201029000")
        #expect(bench.send("00CB3FFF055C035FC10900") == "6A82")
        #expect(bench.send("00DB3FFF075C035FC1035300") == "9000")
        #expect(bench.send("00CB3FFF055C035FC10300") == "6A82")
        #expect(bench.send("00CB3FFF035C017E00") == "7E124F0BA0000003080000100001005F2F0240009000")
        #expect(bench.send("00FD000000") == "0500009000")
        #expect(bench.send("00CB3FFE035C017E00") == "6A86")
        #expect(bench.send("00CB3FFF025C0000") == "6A80")
    }

    @Test
    func `the card of another maker has no ISD, no SCP03, no SM2, and its own 9B command`() throws {
        let image = CardImage(foreignPIV: ChipSerial(number: 9))
        var bench = Bench(VirtualCard(image, random: SeededRandom(seed: 2, actor: "foreign")))
        #expect(bench.select(AID.domain) == "6A82")
        #expect(bench.select(AID.piv).hasSuffix("9000"))
        #expect(bench.send("80CA9F7F00") == "6D00")
        #expect(bench.send("8050FF0008010203040506070800") == "6D00")
        let answer = bench.card.process(hex("0087039B047C02810000"))
        let proof = ecb(.tripleDES3, Self.wellKnown, Array(answer[4..<12]))
        #expect(bench.send("0087039B0C7C0A8208" + Hex.encodeUpper(proof)) == "9000")
        #expect(bench.send("0047009A05AC0380015400") == "6A80")
        #expect(bench.send("0047009A05AC0380011100").hasSuffix("9000"))
        let new = Hex.encodeUpper((1...24).map { UInt8($0) })
        #expect(bench.send("00FFFFFF1B039B18" + new) == "9000")
        bench.card.reset()
        #expect(bench.card.image.piv.management.key.first == 1)
        #expect(bench.card.answerToReset.dropFirst().reduce(0, ^) == 0)
        #expect(try Bench().card.answerToReset.dropFirst().reduce(0, ^) == 0)
    }
}
