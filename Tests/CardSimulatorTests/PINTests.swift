import Cryptography
import Octets
import Testing

@testable import CardSimulator

@Suite("PIN 与 PUK counters, formats and the transport PIN")
struct PINTests {
    static let pin = "313233343536FFFF"
    static let puk = "3132333435363738"
    private static let wrong = "313131313131FFFF"

    private static func bench() throws -> Bench {
        var bench = try Bench()
        bench.select(AID.piv)
        return bench
    }

    @Test
    func `three wrong PINs block, the PUK unblocks, three wrong PUKs block that too`() throws {
        var bench = try Self.bench()
        #expect(bench.send("00200080") == "63C3")
        #expect(bench.send("0020008000") == "63C3")
        #expect(bench.send("0020008008" + Self.wrong) == "63C2")
        #expect(bench.send("0020008008" + Self.wrong) == "63C1")
        #expect(bench.send("0020008008" + Self.wrong) == "63C0")
        #expect(bench.send("0020008008" + Self.pin) == "6983")
        #expect(bench.send("00200080") == "63C0")
        #expect(bench.send("0024008010" + Self.pin + Self.pin) == "6983")
        #expect(bench.send("002C008010" + Self.wrong + Self.pin) == "63C2")
        #expect(bench.send("002C008010" + Self.puk + "393939393939FFFF") == "9000")
        #expect(bench.send("0020008008393939393939FFFF") == "9000")
        #expect(bench.send("00200080") == "9000")
        for left in ["63C2", "63C1", "63C0", "6983"] {
            #expect(bench.send("002C008010" + Self.wrong + Self.pin) == left)
        }
        #expect(bench.send("0024008110" + Self.puk + Self.puk) == "6983")
    }

    @Test
    func `a right PIN restores the counter, SELECT and P1 FF forget it`() throws {
        var bench = try Self.bench()
        #expect(bench.send("0020008008" + Self.wrong) == "63C2")
        #expect(bench.send("0020008008" + Self.pin) == "9000")
        #expect(bench.card.image.pin.pin.triesLeft == 3)
        #expect(bench.send("0020FF80") == "9000")
        #expect(bench.send("00200080") == "63C3")
        #expect(bench.send("0020008008" + Self.pin) == "9000")
        bench.select(AID.citizen)
        #expect(bench.send("00200080") == "63C3")
        #expect(bench.send("0020008008" + Self.pin) == "9000")
        #expect(bench.send("0020008008" + Self.wrong) == "63C2")
        #expect(bench.send("00200080") == "63C2")
    }

    @Test(arguments: [
        "3132333435FFFFFF", "31323334353637FE", "3132333435363A FF", "FFFFFFFFFFFFFFFF", "313233343536FF37",
        "0000000000000000",
    ])
    func `a malformed PIN is refused and not counted`(pin: String) throws {
        var bench = try Self.bench()
        let octets = pin.filter { $0 != " " }
        #expect(bench.send("0020008008" + octets) == "6A80")
        #expect(bench.send("0024008010" + Self.pin + octets) == "6A80")
        #expect(bench.send("002C008010" + Self.puk + octets) == "6A80")
        #expect(bench.card.image.pin == HolderPIN.blank)
    }

    @Test
    func `lengths and references`() throws {
        var bench = try Self.bench()
        #expect(bench.send("0020008007" + Self.pin.dropLast(2)) == "6700")
        #expect(bench.send("0020008108" + Self.pin) == "6A88")
        #expect(bench.send("0020000008" + Self.pin) == "6A88")
        #expect(bench.send("0020018008" + Self.pin) == "6A86")
        #expect(bench.send("002C008110" + Self.puk + Self.pin) == "6A88")
        #expect(bench.send("002400800F" + Self.pin + Self.pin.dropLast(2)) == "6700")
    }

    @Test
    func `a transport PIN verifies, opens no key, and ends with CHANGE alone`() throws {
        var bench = try SessionTraceTests.keyed()
        bench.select(AID.piv)
        bench.open(0x30)
        #expect(bench.secure("0047009A05AC03800111").hasSuffix("9000"))
        #expect(bench.secure("0047009E05AC03800111").hasSuffix("9000"))
        let record = hex("363534333231FFFF" + "0301" + "000000000000")
        let sealed = cbc(.aes128, bench.host?.dataKey ?? [], record)
        #expect(bench.store(grouping(0x8010, sealed)) == "9000")
        bench.select(AID.piv)
        let sign = "7C2482008120" + String(repeating: "AB", count: 32)
        #expect(bench.send("0020008008363534333231FFFF") == "9000")
        #expect(bench.send("0087119A26" + sign + "00") == "6985")
        #expect(bench.send("0087119E26" + sign + "00").hasSuffix("9000"))
        #expect(bench.send("002C008010" + Self.puk + "363534333231FFFF") == "9000")
        #expect(bench.send("0020008008363534333231FFFF") == "9000")
        #expect(bench.send("0087119A26" + sign + "00") == "6985")
        #expect(bench.send("0024008010363534333231FFFF" + Self.pin) == "9000")
        #expect(bench.send("0087119A26" + sign + "00").hasSuffix("9000"))
    }
}
