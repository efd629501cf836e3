import Cryptography
import Foundation
import Octets
import Testing

@testable import CardSimulator

@Suite("断电与故障 tears, faults and the state file")
struct FaultTests {
    private static func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("card-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    private static func inserted(_ image: CardImage, _ plan: String, store: CardStore? = nil) throws -> InsertedCard {
        let random = SeededRandom(seed: 5, actor: "fault")
        let card = VirtualCard(image, random: random) { try store?.keep($0) }
        return InsertedCard(card, plan: try FaultPlan(plan), clock: { .zero }) { path in
            VirtualCard(try #require(try CardStore(path: path).load()), random: random)
        }
    }

    @Test(arguments: ["cut-before", "cut-after"])
    func `a cut at each command of a personalisation leaves the old image or the new one`(kind: String) throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var reference = try SessionTraceTests.keyed()
        let start = reference.card.image
        reference.select(AID.citizen)
        reference.open(0x30)
        var images = [start]
        var commands: [[UInt8]] = []
        // The commands are computed against one card and replayed on another in the same state: same answers.
        var recorder = Bench(VirtualCard(start, random: SeededRandom(seed: 5, actor: "fault")))
        func record(_ command: [UInt8]) -> [UInt8] {
            commands.append(command)
            let answer = recorder.card.process(command)
            images.append(recorder.card.image)
            return answer
        }
        _ = record(hex("00A4040006F04343310101"))
        let challenge = hex("0102030405060708")
        let opening = record(hex("8050300008") + challenge)
        var host = HostSession(keys: .derived(0x30), challenge: challenge, answer: opening, 0x33)
        _ = record(host.externalAuthenticate())
        _ = record(host.wrap(hex("80E2880007EF0504") + hex("01020304")))
        _ = record(host.wrap(hex("80E2080004EF060201")))
        _ = record(host.wrap(hex("80E288010102")))
        _ = record(host.wrap(hex("80CADF3000")))
        #expect(images.last?.citizen.directory.lists.count == 2)
        for index in 1...commands.count {
            let store = CardStore(path: folder.appendingPathComponent("\(index).card").path)
            try store.keep(start)
            var inserted = try Self.inserted(start, "\(kind):\(index)", store: store)
            for (position, command) in commands.prefix(index).enumerated() {
                let effects = inserted.receive(command)
                if position + 1 == index {
                    #expect(effects == [.disconnect])
                } else {
                    #expect(effects.count == 1)
                }
            }
            let kept = try #require(try store.load())
            #expect(kept == images[kind == "cut-before" ? index - 1 : index])
            #expect(kept == inserted.card.image)
        }
    }

    @Test
    func `what cannot be kept did not happen`() throws {
        struct Full: Error {}
        let image = try SessionTraceTests.keyed().card.image
        var bench = Bench(VirtualCard(image, random: SeededRandom(seed: 6, actor: "full")) { _ in throw Full() })
        #expect(bench.send("8050300008010203040506070800") == "6581")
        #expect(bench.card.image == image)
        bench.select(AID.piv)
        #expect(bench.send("0020008008313131313131FFFF") == "6581")
        #expect(bench.card.image.pin.pin.triesLeft == 3)
    }

    @Test
    func `hang, short answer, forged answer, slow answer and their control`() throws {
        let image = try SessionTraceTests.keyed().card.image
        var card = try Self.inserted(image, "short-answer:1,forge:2:9000,slow:5,hang:4")
        #expect(card.receive(hex("80CA9F7F00")) == [.wait(milliseconds: 5), .send([0x9F])])
        #expect(card.receive(hex("8050300008010203040506070800")) == [.send(hex("9000"))])
        #expect(card.card.image.keySets[0].sequence == image.keySets[0].sequence)
        #expect(card.receive(hex("00F80000")) == [.wait(milliseconds: 5), .send(hex("6D00"))])
        #expect(card.receive(hex("80CA9F7F00")).isEmpty)
        #expect(card.isHung)
        #expect(card.receive([0x04]).isEmpty)
        card.removed()
        card.plan = FaultPlan()
        #expect(card.receive([0x04]) == [.send(card.card.answerToReset)])
        #expect(card.receive(hex("00F80000")) == [.send(hex("6D00"))])
        #expect(card.tally.commands == 3)
        #expect(card.receive([]).isEmpty)
        #expect(card.receive([0x09]).isEmpty)
    }

    @Test
    func `a silent swap puts the other card in its place`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("other.card").path
        try CardStore(path: path).keep(try CardImage(blank: ChipSerial(number: 8), lotMaster: Bench.lotMaster))
        var card = try Self.inserted(try SessionTraceTests.keyed().card.image, "swap:2:" + path)
        #expect(card.receive(hex("00A4040C06F04343310101")) == [.send(hex("9000"))])
        let effects = card.receive(hex("80CA9F7F00"))
        #expect(card.card.image.serial == ChipSerial(number: 8))
        #expect(effects == [.send(hex("9F7F2A") + ChipSerial(number: 8).production + hex("9000"))])
        #expect(card.card.selection.application == .issuerDomain)
    }

    @Test(arguments: [
        "", "cut", "cut-before", "cut-before:0", "cut-before:x", "cut-before:-1", "cut-before:1:2",
        "forge:1", "forge:1:9", "swap:1", "slow:1,", "none,slow:1", "hang:99999999999999999999",
    ])
    func `a malformed fault is refused`(text: String) {
        #expect(throws: FaultPlan.Malformed.self) { try FaultPlan(text) }
    }

    @Test
    func `the state file holds the whole card and refuses what is none`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.card").path
        let store = CardStore(path: path)
        #expect(try store.load() == nil)
        var bench = try PurseTests.bench(0x04)
        bench.card.image.sectors = [
            try SectorApplication(creating: hex("0401001801EF030610000A041000"))
        ]
        try store.keep(bench.card.image)
        #expect(try store.load() == bench.card.image)
        for damage in ["", "{}", "[1]", "{\"make\":\"cc-1\"}"] {
            try Data(damage.utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: CardStore.Fault.malformed(path: path)) { try store.load() }
        }
    }

    @Test
    func `a serial is twenty hexadecimal digits and comes back from CPLC`() throws {
        let serial = try ChipSerial("43430001250100000007")
        #expect(serial.production.count == 42)
        #expect(ChipSerial(production: serial.production) == serial)
        #expect(serial.description == "43430001250100000007")
        for text in ["", "4343000125010000000", "4343000125010000000G", "4343000125010000000700"] {
            #expect(throws: ChipSerial.Malformed.self) { try ChipSerial(text) }
        }
    }
}
