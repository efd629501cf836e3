import Cryptography
import Octets
import Testing

@testable import CardSimulator

@Suite("行业应用 sector applications as data")
struct SectorTests {
    private static let library = "0401001803EF0101000040840090EF0202200004840090EF030610000A041000"
    private static let keysSM4: [(UInt8, UInt8, String)] = [
        (0x11, 0x01, "44D29440070F91F6CE8537F006BCE7E2"), (0x11, 0x01, "2BE4CCC7B0369059573DCE8A38DC27D1"),
        (0x12, 0x01, "CBA07D1CDB6B1331352F9EB51DA8542F"), (0x13, 0x01, "C2A3E8D6084FFCCC979FB3DD9A93FD18"),
    ]
    private static let keysAES: [(UInt8, UInt8, String)] = [
        (0x11, 0x01, "AF443B79C962366CB9BF6BC732EB753D"), (0x12, 0x01, "6F5411072297C9B10D2BD2B3554A4BE1"),
        (0x13, 0x01, "5C2949222929433A21E2A36EB562F774"),
    ]
    private static let challenge = "000102030405060708090A0B0C0D0E0F"

    /// The library's application, personalised, its keys of the profile sheet.
    private static func bench(_ algorithm: UInt8 = 0x18) throws -> Bench {
        let image = try SessionTraceTests.keyed().card.image
        var bench = Bench(VirtualCard(image, random: SeededRandom(seed: 4, actor: "sector")))
        bench.open(0x38)
        var create = hex(library)
        create[3] = algorithm
        #expect(bench.store(grouping(0x0070, create)) == "9000")
        bench.select(AID.sector(4))
        bench.open(0x38)
        var list = grouping(0xEF01, Array("READER0000000001".utf8) + [0, 0, 0, 100])
        list += grouping(0xEF02, [1] + [UInt8](repeating: 7, count: 32))
        for (type, index, key) in algorithm == 0x18 ? Array(keysSM4.dropFirst()) : keysAES {
            list += sealedKey(bench.host, [type, index, 0x01, algorithm, 0x0F], hex(key))
        }
        #expect(bench.store(list) == "9000")
        bench.card.image.sectors[0].directory.state = .personalized
        let scripted = hex(challenge)
        bench = Bench(VirtualCard(bench.card.image, random: ScriptedRandom(scripted + scripted + scripted)))
        bench.select(AID.sector(4))
        return bench
    }

    @Test
    func `creating shows in GET STATUS, SELECT and DF33, deleting removes all`() throws {
        var bench = try Self.bench()
        #expect(bench.select(AID.sector(4)) == "6F108406F04343310204A5069F0C0301000F9000")
        #expect(bench.send("00A4000002DF44").hasSuffix("9000"))
        bench.select(AID.domain)
        #expect(bench.send("80F24002024F00").hasSuffix("E30C4F06F043433102049F70010F9000"))
        bench.open(0x38)
        #expect(bench.secure("80CADF3300") == "2DD00C9000")
        #expect(bench.store(grouping(0x0070, hex(Self.library))) == "6985")
        #expect(bench.store(grouping(0x0071, [5])) == "6A88")
        #expect(bench.store(grouping(0x0072, hex("05020000"))) == "6A88")
        #expect(bench.store(grouping(0x0072, hex("04020001EF0401000010010080"))) == "9000")
        #expect(bench.card.image.sectors[0].profileVersion == 0x0200)
        #expect(bench.store(grouping(0x0072, hex("04020001EF0101000010010080"))) == "6A80")
        #expect(bench.store(grouping(0x0071, [4])) == "9000")
        #expect(bench.secure("80CADF3300") == "30000D9000")
        #expect(bench.select(AID.sector(4)) == "6A82")
    }

    @Test(arguments: [
        "0001001800", "4001001800", "0401000000", "04010018", "0401001801", "0401001801EF00010000408400 90",
        "0401001801EF1F01000040840090", "0401001801EF01030000408400 90", "0401001801EF01010100408400 90",
        "0401001801EF01010000008400 90", "0401001801EF01020100048400 90", "0401001801EF01028100048400 90",
        "0401001801EF01010000401400 90", "0401001801EF01010000400001 90", "0401001801EF01010000400004 90",
        "0401001801EF01010000400400 05", "0401001801EF01010000402400 80",
        "0401001802EF0101000040840090EF0101000040840090",
    ])
    func `a malformed description is refused whole`(description: String) throws {
        var bench = try SessionTraceTests.keyed()
        bench.open(0x38)
        let list = grouping(0x0070, hex("0501001800")) + grouping(0x0070, hex(description))
        #expect(bench.store(list) == "6A80")
        #expect(bench.card.image.sectors.isEmpty)
    }

    @Test
    func `room: files, applications and their sum`() throws {
        var bench = try SessionTraceTests.keyed()
        bench.open(0x38)
        #expect(bench.store(grouping(0x0070, hex("0401001801EF0101000801800080"))) == "6A84")
        var list: [UInt8] = []
        for number: UInt8 in 1...13 { list += grouping(0x0070, [number, 1, 0, 0x18, 0]) }
        #expect(bench.store(list + grouping(0x0070, [14, 1, 0, 0x18, 0])) == "6A84")
        #expect(bench.store(list) == "9000")
        #expect(bench.secure("80F24002024F00").hasSuffix("F0434331020D9F7001079000"))
        let big = hex("EF0101000800800080EF0201000800800080")
        #expect(bench.store(grouping(0x0072, [1, 1, 0, 2] + big) + grouping(0x0072, [2, 1, 0, 2] + big)) == "9000")
        #expect(bench.store(grouping(0x0072, [3, 1, 0, 2] + big)) == "6A84")
        #expect(bench.store(grouping(0x0071, [1]) + grouping(0x0072, [3, 1, 0, 2] + big)) == "9000")
    }

    @Test
    func `a blank sector application answers GET DATA, INTERNAL AUTHENTICATE and SC alone`() throws {
        var bench = try Self.bench()
        bench.card.image.sectors[0].directory.state = .selectable
        #expect(bench.send("0084000010") == "6985")
        #expect(bench.send("00B0810000") == "6985")
        #expect(bench.send("0020008000") == "6985")
        #expect(bench.send("80CADF3200").hasSuffix("9000"))
        #expect(bench.send("0088000110A0A1A2A3A4A5A6A7A8A9AAABACADAEAF").hasSuffix("9000"))
        bench.open(0x38)
        #expect(bench.secure("00B0810000").hasSuffix("9000"))
        #expect(bench.secure("00B2011400").hasSuffix("9000"))
        #expect(bench.secure("00B2011C00") == "6982")
    }

    @Test(arguments: [
        (UInt8(0x18), "2CCD1FE158C42344F75390727E1ABEDA", "27E6BAA7725E8089B055EC1C26E62BFD"),
        (UInt8(0x08), "7B7C3ABF47709B079466E4034298E33F", "279DE65C3071AD42BCB1F382B9E48FF3"),
    ])
    func `external and internal authentication of the profile sheet`(
        algorithm: UInt8,
        external: String,
        proof: String
    ) throws {
        var bench = try Self.bench(algorithm)
        #expect(bench.send("00B0810000") == "6982")
        #expect(bench.send("0084000010") == Self.challenge + "9000")
        #expect(bench.send("0082000110" + external) == "9000")
        #expect(bench.send("00B0810010") == Hex.encodeUpper(Array("READER0000000001".utf8)) + "9000")
        #expect(bench.send("00B2011400").hasSuffix("9000"))
        #expect(bench.send("00B2011C00") == "6A83")
        #expect(bench.send("00D681000141") == "6982")
        #expect(bench.send("00E2001810" + Self.challenge) == "6982")
        #expect(bench.send("0088000110A0A1A2A3A4A5A6A7A8A9AAABACADAEAF00") == proof + "9000")
        #expect(bench.send("0088000210A0A1A2A3A4A5A6A7A8A9AAABACADAEAF00") == "6A86")
    }

    @Test(arguments: [
        (UInt8(0x18), "42B4C548B348D37E", "F2AE88679EE7D6EC"), (UInt8(0x08), "D78ACFA64CF4742A", "F5666F0BD6A398D2"),
    ])
    func `maintenance of the profile sheet appends a loan once`(algorithm: UInt8, code: String, answer: String) throws {
        var bench = try Self.bench(algorithm)
        let command = "04E200181800000001202604012026050100000000" + code
        #expect(bench.send(command) == "6985")
        _ = bench.send("0084000010")
        #expect(bench.send("80CADF3200").hasSuffix("9000"))
        #expect(bench.send(command) == "6985")
        _ = bench.send("0084000010")
        #expect(bench.send(command) == answer + "9000")
        #expect(bench.send(command) == "6985")
        let loans = bench.card.image.sectors[0].directory.files[2].records
        #expect(loans == [hex("00000001202604012026050100000000")])
    }

    @Test
    func `a wrong maintenance MAC costs a try, a file without MK is never maintained`() throws {
        var bench = try Self.bench()
        let position = try #require(bench.card.image.sectors[0].directory.keys.position(type: 0x13, index: 1))
        _ = bench.send("0084000010")
        #expect(bench.send("04E2001818" + String(repeating: "00", count: 24)) == "6988")
        #expect(bench.card.image.sectors[0].directory.keys[position].triesLeft == 14)
        _ = bench.send("0084000010")
        #expect(bench.send("04E2001028" + String(repeating: "00", count: 40)) == "6982")
        _ = bench.send("0084000010")
        #expect(bench.send("04DC011C18" + String(repeating: "00", count: 24)) == "6982")
        bench.card.image.sectors[0].directory.keys[position].triesLeft = 0
        _ = bench.send("0084000010")
        #expect(bench.send("04E2001818" + String(repeating: "00", count: 24)) == "6983")
    }

    @Test
    func `a sector locks itself, and SC alone unlocks it`() throws {
        var bench = try Self.bench()
        let key = hex(Self.keysSM4[3].2)
        _ = bench.send("0084000010")
        let message = [0x01] + hex(Self.challenge) + hex("041E000008")
        let code = Array(cmac(.sm4, key, message).prefix(8))
        let expected = cmac(.sm4, key, [0x02] + hex(Self.challenge) + code + [0x90, 0x00]).prefix(8)
        #expect(bench.send("001E000008" + Hex.encodeUpper(code)) == "6982")
        _ = bench.send("0084000010")
        #expect(bench.send("041E000008" + Hex.encodeUpper(code)) == Hex.encodeUpper(expected) + "9000")
        #expect(bench.send("0084000010") == "6985")
        #expect(bench.select(AID.sector(4)) == "6F108406F04343310204A5069F0C0301008F6283")
        bench.select(AID.domain)
        bench.open(0x38)
        #expect(bench.secure("80F0400F06" + AID.sector(4)) == "9000")
    }

    @Test
    func `PIN besides: the reader's key alone does not open case data`() throws {
        var bench = try Self.bench()
        bench.card.image.sectors[0].directory.files[0] = ElementaryFile(
            0xEF01,
            .transparent,
            size: 4,
            access: ElementaryFile.Access(read: 0x44, append: 0, update: 0x02)
        )
        bench.card.image.sectors[0].directory.files[0].content = [1, 2]
        _ = bench.send("0084000010")
        _ = bench.send("00820001102CCD1FE158C42344F75390727E1ABEDA")
        #expect(bench.send("00B0810000") == "6982")
        #expect(bench.send("00D681020103") == "6982")
        #expect(bench.send("0020008008" + PINTests.pin) == "9000")
        #expect(bench.send("00B0810000") == "01029000")
        #expect(bench.send("00D681020103") == "9000")
        #expect(bench.send("00B0810000") == "0102039000")
    }
}
