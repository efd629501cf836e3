import Octets
import Testing

@testable import CardSimulator

@Suite("选择与传输 SELECT, lengths and chaining")
struct SelectionTests {
    private static let answers: [(String, String)] = [
        ("A000000151000000", "6F108408A000000151000000A5049F6501EF9000"),
        ("315041592E5359532E4444463031", "6F15840E315041592E5359532E4444463031A5038801019000"),
        ("A000000308000010000100", "61114F0600001000010079074F05A0000003089000"),
        ("A000000308", "61114F0600001000010079074F05A0000003089000"),
        ("F04343310101", "6F108406F04343310101A5069F0C030100079000"),
        ("F043433101", "6F108406F04343310101A5069F0C030100079000"),
        ("F04343310102", "6F2B8406F04343310102A5219F0C1E" + String(repeating: "00", count: 30) + "9000"),
    ]

    @Test(arguments: answers)
    func `SELECT by name answers the profile's FCI`(name: String, answer: String) throws {
        var bench = try Bench()
        #expect(bench.select(name) == answer)
        let count = Hex.encodeUpper([UInt8(name.count / 2)])
        #expect(bench.send("00A4040C" + count + name) == "9000")
    }

    @Test
    func `DFs are found by identifier everywhere, EFs in their own application`() throws {
        var bench = try Bench()
        for (identifier, name) in [
            ("3F00", "315041"), ("DF01", "F04343310101"), ("1001", "F04343310102"), ("3F01", "F04343310102"),
        ] {
            #expect(bench.send("00A4000002" + identifier).contains(name))
        }
        #expect(bench.send("00A4000002EF05") == "6A82")
        #expect(bench.send("00A40000020018") == "6F0B800200E6820106830200189000")
        bench.select(AID.citizen)
        #expect(bench.send("00A4000002EF05") == "6F0B800200808201018302EF059000")
        #expect(bench.send("00A4000C02EF0A") == "9000")
        #expect(bench.send("00B2010400") == "6982")
    }

    @Test
    func `an unknown name changes nothing, wrong parameters and lengths are named`() throws {
        var bench = try Bench()
        bench.select(AID.citizen)
        #expect(bench.send("00A4040006F04343310109") == "6A82")
        #expect(bench.send("00A4040004F0434331") == "6A82")
        #expect(bench.send("00B0850000") == "6B00")
        for parameters in ["0401", "0404", "0100", "0004", "0800"] {
            #expect(bench.send("00A4" + parameters + "06F04343310101") == "6A86")
        }
        #expect(bench.send("00A4000003EF0500") == "6700")
        #expect(bench.send("00A40400") == "6700")
        #expect(bench.send("00A40400000006F04343310101") == "6700")
        #expect(bench.send("00A404") == "6700")
        #expect(bench.send("00A4040007F04343310101") == "6700")
    }

    @Test
    func `unknown classes and instructions, in every application`() throws {
        var bench = try Bench()
        for identifier in [AID.domain, AID.piv, AID.citizen, AID.purse, "315041592E5359532E4444463031"] {
            bench.select(identifier)
            for cla in ["01", "08", "14", "20", "81", "90", "A0", "C0", "FF"] {
                #expect(bench.send(cla + "A4040000") == "6E00")
            }
            #expect(bench.send("00CADF3005") == "6D00")
            #expect(bench.send("00F8000000") == "6D00")
            #expect(bench.send("00FFFFFF00") == "6D00")
        }
        bench.select("315041592E5359532E4444463031")
        #expect(bench.send("8050FF0008010203040506070800") == "6D00")
        #expect(bench.send("0084000008").count == 20)
        #expect(bench.send("0084000009") == "6700")
        #expect(bench.send("80CADF3200") == "9000")
    }

    @Test
    func `every octet of INS answers, and none crashes`() throws {
        var bench = try Bench()
        for identifier in [AID.domain, AID.piv, AID.citizen, AID.purse] {
            bench.select(identifier)
            for cla: UInt8 in [0x00, 0x10, 0x04, 0x80, 0x84] {
                for ins in UInt8.min...UInt8.max {
                    for tail in [[], [0x00], [0x01, 0x00], [0x08] + [UInt8](repeating: 0, count: 8)] as [[UInt8]] {
                        let answer = bench.card.process([cla, ins, 0x00, 0x00] + tail)
                        #expect(answer.count >= 2)
                    }
                }
            }
        }
    }

    @Test
    func `a long answer comes in pieces by GET RESPONSE`() throws {
        var bench = try Bench()
        bench.select(AID.piv)
        let value = [UInt8]((0..<700).map { UInt8($0 % 251) })
        try bench.card.image.piv.store(0x5FC102, value)
        let whole = hex("538202BC") + value
        var answer = bench.card.process(hex("00CB3FFF055C035FC10208"))
        #expect(Array(answer.prefix(8)) == Array(whole.prefix(8)))
        #expect(answer.suffix(2) == hex("6100")[...])
        answer = bench.card.process(hex("00C0000000"))
        #expect(answer.count == 258 && answer.suffix(2) == hex("6100")[...])
        answer = bench.card.process(hex("00C0000000"))
        #expect(answer.count == 258 && answer.suffix(2) == hex("61B8")[...])
        answer = bench.card.process(hex("00C00000B0"))
        #expect(answer.count == 0xB2 && answer.suffix(2) == hex("6108")[...])
        answer = bench.card.process(hex("00C00000FF"))
        #expect(answer == whole.suffix(8) + hex("9000"))
        #expect(bench.send("00C0000000") == "6985")
        _ = bench.send("00CB3FFF055C035FC10208")
        _ = bench.send("80CA9F7F00")
        #expect(bench.send("00C0000000") == "6985")
    }

    @Test
    func `a chain of commands is joined, another command drops it, 4096 octets are the end`() throws {
        var bench = try Bench()
        bench.select(AID.piv)
        bench.card.selection.administratorIsAuthenticated = true
        #expect(bench.send("10DB3FFF055C035FC102") == "9000")
        #expect(bench.send("00DB3FFF0453020102") == "9000")
        #expect(bench.send("00CB3FFF055C035FC10200") == "530201029000")
        #expect(bench.send("10DB3FFF055C035FC102") == "9000")
        #expect(bench.send("80CA9F7F00").hasSuffix("9000"))
        #expect(bench.send("00DB3FFF0453020304") == "6A80")
        for _ in 0..<16 {
            #expect(
                bench.card.process([0x10, 0xDB, 0x3F, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 255)) == hex("9000")
            )
        }
        #expect(bench.card.process([0x10, 0xDB, 0x3F, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 255)) == hex("6700"))
    }
}
