import Cryptography
import Octets
import Testing

@testable import CardSimulator

@Suite("电子钱包 the purse")
struct PurseTests {
    static let master = hex("11223344556677888877665544332211")
    static let certificateMaster = hex("0123456789ABCDEFFEDCBA9876543210")
    static let terminal = "001122334455"
    private static let entry = """
        014601013201000200170011223344552026040108000000000000000000000000000000000000000000000000000000000000000000000000000000
        000000260400000000000000
        """
    private static let exit = """
        014600013201000200170011223344552026040108000000000000023201000200250011223344662026040108253000000190202604010825300000
        019001260400000190000000
        """

    /// A personalised purse with DPK, DLK and DTK of the vectors.
    static func bench(_ algorithm: UInt8, random: String = "") throws -> Bench {
        let image = try SessionTraceTests.keyed().card.image
        var bench = Bench(VirtualCard(image, random: ScriptedRandom(hex(random))))
        bench.select(AID.purse)
        bench.open(0x38)
        var list = grouping(0xEF15, [UInt8](repeating: 0x32, count: 30)) + grouping(0xEF16, [1]) + grouping(0xEF17, [2])
        list += grouping(0x0020, hex("000186A0000186A0"))
        for identifier: UInt8 in 1...4 {
            list += grouping(0xEF1A, [identifier, identifier, 0x46] + [UInt8](repeating: 0, count: 70))
        }
        for (type, key) in [(1, master), (2, master), (3, certificateMaster)] as [(UInt8, [UInt8])] {
            list += sealedKey(bench.host, [type, 0x01, 0x01, algorithm, 0x0F], key)
        }
        #expect(bench.store(list) == "9000")
        bench.card.image.purse.directory.state = .personalized
        bench.select(AID.purse)
        return bench
    }

    private static func load(_ bench: inout Bench, fen: UInt32) -> String {
        let opening = bench.send("805000020B01" + Hex.encodeUpper(fen.bigEndianOctets) + terminal)
        guard opening.hasSuffix("9000") else { return opening }
        let octets = hex(opening)
        let key = PurseTests.session(bench, Array(octets[8..<12]) + octets[4..<6] + [0x80, 0x00])
        let moment = hex("20260401120000")
        let code = mac(bench, key, fen.bigEndianOctets + [0x02] + hex(terminal) + moment)
        return bench.send("805200000B" + Hex.encodeUpper(moment + code))
    }

    private static func purchase(_ bench: inout Bench, fen: UInt32) -> String {
        let opening = bench.send("805001020B01" + Hex.encodeUpper(fen.bigEndianOctets) + terminal)
        guard opening.hasSuffix("9000") else { return opening }
        let octets = hex(opening)
        let key = session(bench, Array(octets[11..<15]) + octets[4..<6] + [0x00, 0x01])
        let moment = hex("20260401120000")
        let code = mac(bench, key, fen.bigEndianOctets + [0x06] + hex(terminal) + moment)
        return bench.send("805401000F00000001" + Hex.encodeUpper(moment + code))
    }

    private static func isSM4(_ bench: Bench) -> Bool { bench.card.image.purse.directory.keys[0].algorithm == 0x04 }

    private static func session(_ bench: Bench, _ input: [UInt8]) -> [UInt8] {
        isSM4(bench) ? ecb(.sm4, master, input + input.map { ~$0 }) : ecb(.tripleDES2, master, input)
    }

    private static func mac(_ bench: Bench, _ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let block = key.count
        var text = message + [0x80]
        while !text.count.isMultiple(of: block) { text.append(0) }
        let chained = block == 16 ? cbc(.sm4, key, text) : cbc(.tripleDES2, key + key, text)
        return Array(chained.suffix(block).prefix(4))
    }

    @Test(arguments: [
        (UInt8(0x00), "A5638AA0", "FDD12AF1", "7E9DBDA8"), (UInt8(0x04), "AE274668", "F83FF331", "A938C7DF"),
    ])
    func `the load of the profile sheet`(algorithm: UInt8, mac1: String, mac2: String, tac: String) throws {
        var bench = try Self.bench(algorithm, random: "11223344")
        let opening = bench.send("805000020B0100001000" + Self.terminal + "00")
        #expect(opening == "00000000" + "0000" + "01" + Hex.encodeUpper([algorithm]) + "11223344" + mac1 + "9000")
        #expect(bench.send("805200000B20111221214822" + mac2) == tac + "9000")
        #expect(bench.send("805C000204") == "000010009000")
        #expect(bench.send("805A0002020000") == "00000000" + tac + "9000")
        #expect(bench.send("805A0002020001") == "9406")
        #expect(
            bench.send("00B201C400") == "0000" + "000000" + "00001000" + "02" + Self.terminal + "20111221214822"
                + "9000"
        )
    }

    @Test(arguments: [
        (UInt8(0x00), "F15CAB75", "56988A13", "9239C7F0"), (UInt8(0x04), "9BAFBCAC", "B05BF7F7", "10853B5B"),
    ])
    func `the purchase of the profile sheet`(algorithm: UInt8, mac1: String, mac2: String, tac: String) throws {
        var bench = try Self.bench(algorithm, random: "11223344")
        bench.card.image.purse.balanceFen = 0x1000
        let opening = bench.send("805001020B0100001000" + Self.terminal + "00")
        #expect(opening == "00001000" + "0000" + "000000" + "01" + Hex.encodeUpper([algorithm]) + "11223344" + "9000")
        #expect(bench.send("805401000F0000000120120229135100" + mac1) == tac + mac2 + "9000")
        #expect(bench.send("805C000204") == "000000009000")
        #expect(bench.send("805A0006020000") == mac2 + tac + "9000")
        #expect(bench.send("805A0009020000") == "9406")
        #expect(bench.send("805A0002020000") == "9406")
    }

    @Test(arguments: [
        (UInt8(0x00), ["7F462223", "A78AC686", "D0F414AD"], ["2343DC3D", "ECBDCB8D", "11F65E11"]),
        (UInt8(0x04), ["A70FEDCE", "E205294F", "5B9CFE0C"], ["BB3A2D54", "98ACAE31", "D5E63955"]),
    ])
    func `a composite entry and exit of the profile sheet`(algorithm: UInt8, entry: [String], exit: [String]) throws {
        var bench = try Self.bench(algorithm, random: "1122334455667788")
        bench.card.image.purse.balanceFen = 0x1000
        bench.card.image.purse.offlineSequence = 5
        #expect(bench.send("805003020B0100000000" + Self.terminal).hasSuffix("9000"))
        #expect(bench.send("80DC01D048" + Self.entry.filter { $0 != "\n" }) == "9000")
        #expect(bench.send("805401000F0000010120260401080000" + entry[0]) == entry[2] + entry[1] + "9000")
        #expect(bench.send("00B201D400") == Self.entry.filter { $0 != "\n" } + "9000")
        #expect(bench.send("00B201C400") == "6A83")
        #expect(bench.send("805A0009020005") == entry[1] + entry[2] + "9000")
        #expect(bench.send("805003020B0100000190001122334466").hasSuffix("9000"))
        #expect(bench.send("80DC01D048" + Self.exit.filter { $0 != "\n" }) == "9000")
        #expect(bench.send("805401000F0000020220260401082530" + exit[0]) == exit[2] + exit[1] + "9000")
        #expect(bench.send("805C000204") == "00000E709000")
        #expect(bench.send("00B201C400").hasPrefix("00060000000000019009001122334466"))
    }

    @Test
    func `an open entry cannot be wiped, altered or skipped`() throws {
        var bench = try Self.bench(0x04)
        let entry = hex(Self.entry)
        let exit = hex(Self.exit)
        func update(_ record: [UInt8], _ identifier: String = "01") -> String {
            #expect(bench.send("805003020B0100000000" + Self.terminal).hasSuffix("9000"))
            return bench.send("80DC" + identifier + "D048" + Hex.encodeUpper(record))
        }
        func changed(_ record: [UInt8], _ offset: Int, _ value: UInt8) -> [UInt8] {
            var record = record
            record[offset] = value
            return record
        }
        #expect(update(changed(entry, 1, 0x45)) == "6A80")
        #expect(update(changed(entry, 2, 0x02)) == "6A80")
        #expect(update(changed(entry, 3, 0x02)) == "6A80")
        #expect(update(changed(entry, 30, 0x01)) == "6A80")
        #expect(update(changed(entry, 0, 0x05), "05") == "6A83")
        #expect(update(entry, "02") == "6A80")
        #expect(update(entry) == "9000")
        #expect(bench.send("80DC01D048" + Hex.encodeUpper(entry)) == "6985")
        #expect(bench.send("80DC01D048" + Hex.encodeUpper(entry)) == "6985")
        #expect(bench.send("80DC01D148" + Hex.encodeUpper(entry)) == "6A86")
        #expect(bench.send("80DC01D047" + Hex.encodeUpper(entry.dropLast())) == "6700")
        let position = try #require(bench.card.image.purse.directory.position(of: PurseApplication.compositeFile))
        bench.card.image.purse.directory.files[position].records[0] = entry
        #expect(update(entry) == "6985")
        #expect(update(changed(exit, 4, 0x33)) == "6985")
        #expect(update(changed(exit, 27, 0x01)) == "6985")
        #expect(update(changed(exit, 27, 0x03)) == "9000")
        #expect(update([0x01, 0x46] + [UInt8](repeating: 0, count: 70)) == "6985")
        #expect(update(exit) == "9000")
    }

    @Test
    func `INITIALIZE checks state, key, tries, counter, amount and limits in that order`() throws {
        var bench = try Self.bench(0x04)
        func load(_ amount: String = "00001000", key: String = "01") -> String {
            String(bench.send("805000020B" + key + amount + Self.terminal).suffix(4))
        }
        func purchase(_ amount: String, p1: String = "01") -> String {
            String(bench.send("8050" + p1 + "020B01" + amount + Self.terminal).suffix(4))
        }
        #expect(bench.send("805000010B0100001000" + Self.terminal) == "6A86")
        #expect(bench.send("805002020B0100001000" + Self.terminal) == "6A86")
        #expect(bench.send("805000020A0100001000" + Self.terminal.dropLast(2)) == "6700")
        #expect(load(key: "02") == "9403")
        #expect(load("00000000") == "6A80")
        #expect(load("000186A1") == "6985")
        #expect(load("000186A0") == "9000")
        #expect(load("80000000") == "6985")
        bench.card.image.purse.balanceFen = 1
        #expect(load("000186A0") == "6985")
        #expect(purchase("00000002") == "9401")
        #expect(purchase("00000000") == "6A80")
        #expect(purchase("00000000", p1: "03") == "9000")
        bench.card.image.purse.onlineSequence = 0xFFFF
        #expect(load("00000000") == "9402")
        let position = try #require(bench.card.image.purse.directory.keys.position(type: 2, index: 1))
        bench.card.image.purse.directory.keys[position].triesLeft = 0
        #expect(load() == "6983")
        bench.card.image.purse.directory.keys.remove(at: position)
        #expect(load() == "9403")
        bench.card.image.purse.directory.state = .selectable
        #expect(load() == "6985")
    }

    @Test
    func `CREDIT and DEBIT come directly after INITIALIZE, a wrong MAC costs a try and drops the transaction`() throws {
        var bench = try Self.bench(0x04)
        let credit = "805200000B2011122121482200000000"
        #expect(bench.send(credit) == "6985")
        let position = try #require(bench.card.image.purse.directory.keys.position(type: 2, index: 1))
        for left in stride(from: 14, through: 0, by: -1) {
            #expect(bench.send("805000020B0100001000" + Self.terminal).hasSuffix("9000"))
            #expect(bench.send(credit) == "9302")
            #expect(bench.card.image.purse.directory.keys[position].triesLeft == left)
            #expect(bench.send(credit) == "6985")
        }
        #expect(bench.send("805000020B0100001000" + Self.terminal) == "6983")
        #expect(bench.card.image.purse.balanceFen == 0)
        bench.card.image.purse.directory.keys[position].triesLeft = 1
        #expect(Self.load(&bench, fen: 500).hasSuffix("9000"))
        #expect(bench.card.image.purse.directory.keys[position].triesLeft == 15)
        #expect(bench.send("805001020B0100000001" + Self.terminal).hasSuffix("9000"))
        #expect(bench.send("805C000204") == "000001F49000")
        #expect(bench.send("805401000F000000012012022913510000000000") == "6985")
        #expect(bench.send("805003020B0100000001" + Self.terminal).hasSuffix("9000"))
        #expect(bench.send("805401000F000000012012022913510000000000") == "6985")
    }

    @Test(arguments: [UInt8(0x00), 0x04])
    func `balances, counters and the ring of ten records over many transactions`(algorithm: UInt8) throws {
        var bench = try Self.bench(algorithm)
        for _ in 0..<3 { #expect(Self.load(&bench, fen: 30_000).hasSuffix("9000")) }
        #expect(Self.load(&bench, fen: 30_000) == "6985")
        for number in 0..<12 {
            #expect(Self.purchase(&bench, fen: 1_000).hasSuffix("9000"))
            #expect(bench.send("00B201C400").hasPrefix("000" + String(number, radix: 16).uppercased()))
        }
        #expect(bench.card.image.purse.balanceFen == 78_000)
        #expect(bench.card.image.purse.onlineSequence == 3)
        #expect(bench.send("00B20AC400").hasSuffix("9000"))
        #expect(bench.send("00B20BC400") == "6A83")
        bench.card.image.purse.offlineSequence = 0xFFFE
        #expect(Self.purchase(&bench, fen: 1).hasSuffix("9000"))
        #expect(Self.purchase(&bench, fen: 1) == "9402")
    }

    @Test
    func `EF15 and limits of a personalised purse, keys of wrong kinds, the holder's file`() throws {
        var bench = try Self.bench(0x04)
        #expect(
            bench.select(AID.purse) == "6F2B8406F04343310102A5219F0C1E" + String(repeating: "32", count: 30) + "9000"
        )
        #expect(bench.send("00B0960000") == "6982")
        #expect(bench.send("0020008008" + PINTests.pin) == "9000")
        #expect(bench.send("00B0960000") == "019000")
        bench.open(0x38)
        #expect(bench.store(grouping(0xEF15, [UInt8](repeating: 0x33, count: 30))) == "6985")
        #expect(bench.store(grouping(0xEF15, [UInt8](repeating: 0x33, count: 31))) == "6A84")
        #expect(bench.store(grouping(0xEF15, [UInt8](repeating: 0x33, count: 29))) == "6A80")
        #expect(bench.store(grouping(0xEF17, [UInt8](repeating: 0x33, count: 61))) == "6A84")
        #expect(bench.store(grouping(0x0020, hex("8000000000000000"))) == "6A80")
        #expect(bench.store(grouping(0x0020, hex("0000000A00000005"))) == "9000")
        #expect(bench.store(grouping(0xEF1A, [5, 1, 0x46] + [UInt8](repeating: 0, count: 70))) == "6A80")
        for head: [UInt8] in [[4, 1, 2, 4, 15], [2, 2, 2, 4, 15], [1, 3, 2, 4, 15], [1, 1, 2, 8, 15]] {
            #expect(bench.store(sealedKey(bench.host, head, Self.master)) == "6A80")
        }
        #expect(bench.store(sealedKey(bench.host, [1, 1, 1, 4, 15], Self.master)) == "6985")
        #expect(bench.store(sealedKey(bench.host, [1, 2, 1, 0, 15], Self.master)) == "9000")
        #expect(bench.secure("80CADF3200").hasPrefix("010101040000010201000000"))
    }
}
