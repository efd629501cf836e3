import Octets
import Testing

@testable import CardSimulator

@Suite("生命周期 card and application states, every pair")
struct LifeCycleTests {
    private static let cardMoves: Set<[UInt8]> = [
        [0x07, 0x0F], [0x0F, 0x7F], [0x7F, 0x0F], [0x07, 0xFF], [0x0F, 0xFF], [0x7F, 0xFF],
    ]
    private static let applicationMoves: Set<[UInt8]> = [
        [0x07, 0x0F], [0x07, 0x87], [0x87, 0x07], [0x0F, 0x8F], [0x8F, 0x0F],
    ]

    /// 30 is there, FF is gone, the applications are personalised.
    static func readyBench() throws -> Bench {
        var bench = try SessionTraceTests.keyed()
        bench.card.image.keySets.removeAll { $0.version == 0xFF }
        bench.card.image.piv.directory.state = .personalized
        bench.card.image.citizen.directory.state = .personalized
        bench.card.image.purse.directory.state = .personalized
        bench.open(0x30)
        return bench
    }

    @Test(arguments: CardState.allCases, CardState.allCases)
    func `a card moves as the profile says and nowhere else`(from: CardState, to: CardState) throws {
        #expect(from.mayBecome(to) == Self.cardMoves.contains([from.rawValue, to.rawValue]))
        var bench = try Self.readyBench()
        bench.card.image.state = from
        let status = bench.secure("80F080" + Hex.encodeUpper([to.rawValue]))
        #expect(status == (from.mayBecome(to) ? "9000" : "6985"))
        #expect(bench.card.image.state == (from.mayBecome(to) ? to : from))
    }

    @Test(arguments: ApplicationState.allCases, ApplicationState.allCases)
    func `an application moves as the profile says`(from: ApplicationState, to: ApplicationState) throws {
        #expect(from.mayBecome(to) == Self.applicationMoves.contains([from.rawValue, to.rawValue]))
        for identifier in [AID.piv, AID.citizen, AID.purse] {
            var bench = try Self.readyBench()
            bench.card.image.piv.directory.state = from
            bench.card.image.citizen.directory.state = from
            bench.card.image.purse.directory.state = from
            let count = Hex.encodeUpper([UInt8(identifier.count / 2)])
            let status = bench.secure("80F040" + Hex.encodeUpper([to.rawValue]) + count + identifier)
            #expect(status == (from.mayBecome(to) ? "9000" : "6985"))
        }
    }

    @Test
    func `a card becomes active only with every application personalised and the transport set gone`() throws {
        var bench = try Self.readyBench()
        bench.card.image.purse.directory.state = .selectable
        #expect(bench.secure("80F0800F") == "6985")
        bench.card.image.purse.directory.state = .personalizedLocked
        bench.card.image.sectors = [try SectorApplication(creating: hex("0401001800"))]
        #expect(bench.secure("80F0800F") == "6985")
        bench.card.image.sectors[0].directory.state = .personalized
        let transport = try KeySet.transport(master: Bench.lotMaster, serial: Bench.serial)
        bench.card.image.keySets.append(transport)
        #expect(bench.secure("80F0800F") == "6985")
        #expect(bench.secure("80E4000003D201FF") == "9000")
        #expect(bench.secure("80F0800F08A000000151000000") == "9000")
        #expect(bench.secure("80F0400F06F04343310109") == "6A88")
    }

    @Test
    func `a locked application answers SELECT with 6283, then GET DATA and sessions alone`() throws {
        var bench = try Self.readyBench()
        bench.card.image.piv.directory.state = .personalizedLocked
        bench.card.image.citizen.directory.state = .personalizedLocked
        #expect(bench.select(AID.citizen) == "6F108406F04343310101A5069F0C0301008F6283")
        #expect(bench.send("80CA9F7F00").hasSuffix("9000"))
        #expect(bench.send("00B0850000") == "6985")
        #expect(bench.send("0020008000") == "6985")
        #expect(bench.send("0084000010") == "6985")
        #expect(bench.send("00A4000002EF05") == "6985")
        #expect(bench.open(0x30) == "9000")
        #expect(bench.store(grouping(0xEF05, [1])) == "6985")
        #expect(bench.secure("80CADF3000").hasSuffix("9000"))
        #expect(bench.select(AID.piv).hasSuffix("6283"))
        #expect(bench.send("0020008008313233343536FFFF") == "6985")
        #expect(bench.send("00CB3FFF035C017E00").hasSuffix("9000"))
        #expect(bench.send("00FD000000") == "6985")
    }

    @Test
    func `a locked purse still shows its balance, proofs and files`() throws {
        var bench = try Self.readyBench()
        bench.card.image.purse.directory.state = .personalizedLocked
        #expect(bench.select(AID.purse).hasSuffix("6283"))
        #expect(bench.send("805C000204") == "000000009000")
        #expect(bench.send("805A0002020000") == "9406")
        #expect(bench.send("00B095001E").hasSuffix("9000"))
        #expect(bench.send("00B0970000") == "6B00")
        #expect(bench.send("00B201C400") == "6A83")
        #expect(bench.send("00B201D400").hasSuffix("9000"))
        #expect(bench.send("00B0960000") == "6985")
        #expect(bench.send("805000020B010000100000112233445500") == "6985")
    }

    @Test
    func `a locked or terminated card shows its ISD alone`() throws {
        var bench = try Self.readyBench()
        bench.card.image.state = .locked
        for identifier in [AID.piv, AID.citizen, AID.purse, "315041592E5359532E4444463031", "F04343310999"] {
            #expect(bench.select(identifier) == "6A81")
        }
        #expect(bench.send("00A40000023F00") == "6A81")
        #expect(bench.select(AID.domain).hasSuffix("9000"))
        #expect(bench.open(0x30) == "9000")
        #expect(bench.store(grouping(0x0071, [4])) == "6985")
        #expect(bench.secure("80F0800F") == "9000")
        bench.card.image.state = .terminated
        #expect(bench.select(AID.domain).hasSuffix("9000"))
        #expect(bench.open(0x30) == "6985")
        #expect(bench.send("80CA9F7F00").hasSuffix("9000"))
        #expect(bench.send("80F28002024F00") == "6985")
    }
}
