import Cryptography
import Octets
import Testing

@testable import CardSimulator

@Suite("市民数据 the citizen's files, fields and reader authorities")
struct CitizenTests {
    private static let salt = "000102030405060708090A0B0C0D0E0F"
    private static let name = "D016E5BCA0E4B889" + salt
    private static let fields: [(tag: String, value: String)] = [
        ("D1", "3031"), ("D2", "333230313030"), ("D3", "31"), ("D4", "3031"), ("D5", "19900101"), ("D6", "E58D97"),
        ("D7", "43484E"),
    ]
    private static let masks: [UInt16] = [0x0001, 0x0002, 0x0002, 0x0004, 0x0008, 0x0010, 0x0020, 0x0040]
    private static let readerKey = hex("874B1A0A8015B67E8ACF90EEA6714A3A")

    private static func tlv(_ field: (tag: String, value: String)) -> String {
        field.tag + Hex.encodeUpper([UInt8(field.value.count / 2 + 16)]) + field.value + salt
    }

    /// A personalised card with a sector-44 reader key of the mask given.
    private static func bench(mask: UInt16, random: any RandomSource = ScriptedRandom([])) throws -> Bench {
        var bench = try SessionTraceTests.keyed()
        bench = Bench(VirtualCard(bench.card.image, random: random))
        bench.select(AID.citizen)
        bench.open(0x30)
        let list =
            grouping(0xEF05, hex("C10A00013201000000000126")) + grouping(0xEF07, hex(name))
            + grouping(0xEF09, hex(fields.map(tlv).joined())) + grouping(0xEF0A, [1] + [UInt8](repeating: 4, count: 32))
            + sealedKey(bench.host, [0x10, 0x44, 1, 0x08, 15], readerKey, mask: mask)
        #expect(bench.store(list) == "9000")
        #expect(bench.secure("00D6880004000BFFD8") == "9000")
        bench.card.image.citizen.directory.state = .personalized
        bench.select(AID.citizen)
        return bench
    }

    private static func authenticate(_ bench: inout Bench, _ index: String = "44") -> String {
        let challenge = hex(String(bench.send("0084000010").dropLast(4)))
        return bench.send("008200" + index + "10" + Hex.encodeUpper(ecb(.aes128, readerKey, challenge)))
    }

    @Test
    func `the reader authority of the profile sheet succeeds on its challenge`() throws {
        var bench = try Self.bench(mask: 0x0001, random: ScriptedRandom([UInt8]((0..<16).map { $0 })))
        #expect(bench.send("0084000010") == Self.salt + "9000")
        #expect(bench.send("0082004410B00BD2A05262C6837274085A617E9994") == "9000")
        #expect(bench.send("80CA00D000") == "E5BCA0E4B889" + Self.salt + "9000")
        #expect(bench.send("80CA00D100") == "6982")
    }

    @Test(arguments: 0..<9)
    func `each mask bit opens its fields and no other`(bit: Int) throws {
        let mask = UInt16(1) << UInt16(bit)
        var bench = try Self.bench(mask: mask)
        #expect(bench.send("80CA00D000") == "6982")
        #expect(Self.authenticate(&bench) == "9000")
        for offset in 0..<8 {
            let answer = bench.send("80CA00D\(offset)00")
            #expect(answer.hasSuffix(Self.masks[offset] == mask ? "9000" : "6982"))
        }
        #expect(bench.send("00B0870000").hasSuffix(mask == 0x0001 ? "9000" : "6982"))
        #expect(bench.send("00B0890000") == "6982")
        #expect(bench.send("00B0880000").hasSuffix(mask == 0x0080 ? "9000" : "6982"))
        #expect(bench.send("00B2015400").hasSuffix(mask == 0x0100 ? "9000" : "6982"))
        #expect(bench.send("00B0850000").hasSuffix("9000"))
    }

    @Test
    func `the identity file needs all of its bits; PIN and SC open everything`() throws {
        var bench = try Self.bench(mask: 0x007E)
        #expect(Self.authenticate(&bench) == "9000")
        #expect(bench.transmit(hex("00B0890000")).status == "9000")
        bench = try Self.bench(mask: 0x003E)
        #expect(Self.authenticate(&bench) == "9000")
        #expect(bench.send("00B0890000") == "6982")
        #expect(bench.send("0020008008" + PINTests.pin) == "9000")
        for command in ["00B0870000", "00B0880000", "00B0890000", "00B2015400", "80CA00D600"] {
            #expect(bench.send(command).hasSuffix("9000"))
        }
        bench.open(0x30)
        for command in ["00B0870000", "00B0880000", "00B0890000", "00B2015400", "80CA00D600"] {
            #expect(bench.secure(command).hasSuffix("9000"))
        }
    }

    @Test
    func `access is decided before absence shows`() throws {
        var bench = try Self.bench(mask: 0x01FF)
        bench.open(0x30)
        #expect(bench.store(grouping(0xEF09, hex(Self.tlv(Self.fields[0])))) == "9000")
        bench.select(AID.citizen)
        #expect(bench.send("80CA00D500") == "6982")
        #expect(Self.authenticate(&bench) == "9000")
        #expect(bench.send("80CA00D500") == "6A88")
        #expect(bench.send("80CA00D800") == "6A88")
        #expect(bench.send("80CA00E000") == "6A88")
    }

    @Test
    func `a challenge is used once; a wrong answer costs a try and the earlier success`() throws {
        var bench = try Self.bench(mask: 0x0001, random: SeededRandom(seed: 3, actor: "reader"))
        #expect(bench.send("0082004410" + Self.salt) == "6985")
        #expect(Self.authenticate(&bench) == "9000")
        #expect(bench.send("0082004410" + Self.salt) == "6985")
        #expect(Self.authenticate(&bench, "45") == "6A88")
        for _ in 0..<14 {
            _ = bench.send("0084000010")
            #expect(bench.send("0082004410" + Self.salt) == "6300")
            #expect(bench.send("80CA00D000") == "6982")
        }
        #expect(Self.authenticate(&bench) == "9000")
        for _ in 0..<15 {
            _ = bench.send("0084000010")
            #expect(bench.send("0082004410" + Self.salt) == "6300")
        }
        #expect(Self.authenticate(&bench) == "6983")
        _ = bench.send("0084000008")
        #expect(bench.send("0082004410" + Self.salt) == "6985")
    }

    @Test
    func `the photo alone is written by UPDATE BINARY, and under SC alone`() throws {
        var bench = try Self.bench(mask: 0x01FF)
        #expect(Self.authenticate(&bench) == "9000")
        #expect(bench.send("00D688000101") == "6982")
        bench.open(0x30)
        #expect(bench.secure("00D685000101") == "6982")
        for offset in stride(from: 0, to: 6_144, by: 128) {
            let head: [UInt8] = [0x00, 0xD6] + UInt16(offset).bigEndianOctets + [128]
            if offset == 0 { #expect(bench.secure("00A4000C02EF08") == "9000") }
            guard bench.host != nil else { break }
            #expect(bench.secure(Hex.encodeUpper(head) + String(repeating: "AB", count: 128)) == "9000")
        }
        #expect(bench.secure("00D6180001AB") == "6A84")
        #expect(bench.secure("00D6180101AB") == "6B00")
        #expect(bench.secure("00D6880002000A") == "9000")
        #expect(bench.secure("00B0180000") == "6B00")
        #expect(bench.secure("00B017F000") == String(repeating: "AB", count: 16) + "9000")
        #expect(bench.card.image.citizen.directory.files[3].content.count == 6_144)
    }

    @Test
    func `file commands name what is wrong`() throws {
        var bench = try Self.bench(mask: 0x01FF)
        #expect(bench.send("00B0000000") == "6986")
        #expect(bench.send("00B0A50000") == "6A86")
        #expect(bench.send("00B0810000") == "6A82")
        #expect(bench.send("00B0851000") == "6B00")
        #expect(bench.send("00B0850004") == "C10A00019000")
        #expect(bench.send("00B0850A00") == "01269000")
        #expect(bench.send("00B2012C00") == "6981")
        #expect(bench.send("00B2015500") == "6A86")
        #expect(Self.authenticate(&bench) == "9000")
        #expect(bench.send("00B0CA0000") == "6A86")
        #expect(bench.send("00B08A0000") == "6981")
        #expect(bench.send("00B2005400") == "6A83")
        #expect(bench.send("00B2295400") == "6A83")
        #expect(bench.send("00B2285400").hasSuffix("9000"))
    }
}
