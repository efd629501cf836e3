import Cryptography
import Octets

@testable import CardSimulator

/// Octets of a literal in the tests; blanks are allowed, a wrong digit gives an empty string that no test expects.
func hex(_ text: String) -> [UInt8] { (try? Hex.decode(text.filter { $0 != " " && $0 != "\n" })) ?? [] }

/// A source that gives what the test says, in order, and zeros afterwards.
final class ScriptedRandom: RandomSource {
    private let script: Lock<[UInt8]>

    init(_ script: [UInt8]) { self.script = Lock(script) }

    func octets(_ count: Int) -> [UInt8] {
        script.with { left in
            let octets = Array(left.prefix(count))
            left.removeFirst(octets.count)
            return octets + [UInt8](repeating: 0, count: count - octets.count)
        }
    }
}

/// 测试台 A card on the test's table: commands as hexadecimal text, answers likewise.
struct Bench {
    static let lotMaster = hex("404142434445464748494A4B4C4D4E4F")
    static let issuerMaster = hex("000102030405060708090A0B0C0D0E0F")
    static let serial = hex("43430001250100000007")

    var card: VirtualCard
    /// The host's side of a session, when one is open.
    var host: HostSession?

    /// A blank of the profile sheet's serial.
    init(random: any RandomSource = SeededRandom(seed: 1, actor: "card")) throws {
        card = VirtualCard(
            try CardImage(blank: ChipSerial("43430001250100000007"), lotMaster: Self.lotMaster),
            random: random
        )
    }

    init(_ card: VirtualCard) { self.card = card }

    /// One plain command.
    mutating func send(_ text: String) -> String { Hex.encodeUpper(card.process(hex(text))) }

    /// One plain command as octets, with Le 00 when the answer is longer it is fetched by GET RESPONSE.
    mutating func transmit(_ command: [UInt8]) -> (data: [UInt8], status: String) {
        var octets = card.process(command)
        var data = Array(octets.dropLast(2))
        while octets.count >= 2, octets[octets.count - 2] == 0x61 {
            octets = card.process(hex("00C0000000"))
            data += octets.dropLast(2)
        }
        return (data, Hex.encodeUpper(octets.suffix(2)))
    }

    /// A command inside the open session: the plain answer and its status; checks the R-MAC.
    mutating func secure(_ text: String) -> String {
        guard var session = host else { return "no session" }
        let reply = card.process(session.wrap(hex(text)))
        let plain = session.unwrap(reply)
        host = session
        return Hex.encodeUpper(plain)
    }

    /// Opens a session in the selected application; the answer of EXTERNAL AUTHENTICATE.
    @discardableResult
    mutating func open(_ version: UInt8, level: UInt8 = 0x33, keys: HostKeys? = nil) -> String {
        let challenge = hex("0102030405060708")
        let answer = card.process([0x80, 0x50, version, 0x00, 0x08] + challenge + [0x00])
        guard answer.count == 34 else { return Hex.encodeUpper(answer) }
        let session = HostSession(keys: keys ?? HostKeys.derived(version), challenge: challenge, answer: answer, level)
        host = session
        guard var opened = host else { return "" }
        let reply = card.process(opened.externalAuthenticate())
        host = opened
        return Hex.encodeUpper(reply)
    }

    /// SELECT by AID.
    @discardableResult
    mutating func select(_ identifier: String) -> String {
        send("00A40400" + Hex.encodeUpper([UInt8(hex(identifier).count)]) + identifier + "00")
    }

    /// STORE DATA in blocks of 239 octets inside the open session; the last status.
    mutating func store(_ list: [UInt8]) -> String {
        var rest = list
        var number: UInt8 = 0
        while true {
            let block = Array(rest.prefix(239))
            rest.removeFirst(block.count)
            let head: [UInt8] = [0x80, 0xE2, rest.isEmpty ? 0x88 : 0x08, number, UInt8(block.count)]
            let status = secure(Hex.encodeUpper(head + block))
            guard !rest.isEmpty, status == "9000" else { return status }
            number += 1
        }
    }
}

enum AID {
    static let domain = "A000000151000000"
    static let piv = "A000000308000010000100"
    static let citizen = "F04343310101"
    static let purse = "F04343310102"

    static func sector(_ number: UInt8) -> String { "F043433102" + Hex.encodeUpper([number]) }
}

/// DGI ‖ length ‖ data.
func grouping(_ identifier: UInt16, _ data: [UInt8]) -> [UInt8] {
    let length = data.count < 0xFF ? [UInt8(data.count)] : [0xFF] + UInt16(data.count).bigEndianOctets
    return identifier.bigEndianOctets + length + data
}
