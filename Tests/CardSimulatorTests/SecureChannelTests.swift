import Cryptography
import Octets
import TestSupport
import Testing

@testable import CardSimulator

@Suite(
    "SCP03 安全通道 published sessions on the card's side",
    .enabled(if: Vectors.has("scp03/scp03_command_test.json"), "no vectors: set CITIZEN_VECTORS")
)
struct SecureChannelVectorTests {
    private static func channel(_ test: Vectors.Case, level: UInt8) -> SecureChannel {
        let set = KeySet(version: 0x30, encryption: [], authentication: [], dataEncryption: [])
        return SecureChannel(
            level: level,
            set: set,
            encryption: test.octets("sEnc"),
            authentication: test.octets("sMac"),
            answer: test.octets("sRmac")
        )
    }

    /// The profile has AES-128 alone; the published AES-192 session is left out.
    private static func cases(_ name: String, key: String) throws -> [Vectors.Case] {
        try Vectors.cases("scp03/scp03_\(name)_test.json").filter { $0.octets(key).count == 16 }
    }

    @Test
    func `the card's challenge and cryptogram of every published session`() throws {
        var used = 0
        for test in try Self.cases("session", key: "keyEnc") where test.result == "valid" {
            let answer = test.octets("initializeUpdateResponse")
            guard test.members["pseudoRandomCardChallenge"] as? Bool == true else { continue }
            used += 1
            let set = KeySet(
                version: answer[10],
                encryption: test.octets("keyEnc"),
                authentication: test.octets("keyMac"),
                dataEncryption: test.octets("keyDek"),
                sequence: answer.suffix(3).reduce(0) { $0 << 8 | UInt32($1) }
            )
            let opening = try SecureChannel.Handshake(
                set: set,
                hostChallenge: test.octets("hostChallenge"),
                application: test.octets("aid")
            )
            #expect(try opening.answer(serial: Array(answer.prefix(10))) == answer, "case \(test.id)")
            let command = try Command(test.octets("externalAuthenticate"))
            let channel = try opening.opened(by: command)
            #expect(channel.encryption == test.octets("sEnc"))
            #expect(channel.answer == test.octets("sRmac"))
        }
        #expect(used == 4)
    }

    @Test
    func `EXTERNAL AUTHENTICATE: no altered one opens, no published one is refused`() throws {
        var used = 0
        for test in try Self.cases("external_authenticate", key: "sEnc") {
            used += 1
            let context = test.octets("hostChallenge") + test.octets("cardChallenge")
            let accepted: Bool
            do {
                let command = try Command(test.octets("apdu"))
                var channel = Self.channel(test, level: command.p1)
                accepted = try channel.accepts(command, context: context)
            } catch {
                accepted = false
            }
            #expect(accepted == (test.result == "valid"), "case \(test.id) \(test.comment)")
        }
        #expect(used == 30)
    }

    @Test
    func `wrapped commands: unwrapped as published, every altered one refused`() throws {
        var used = 0
        for test in try Self.cases("command", key: "sEnc") {
            used += 1
            let start = Self.channel(test, level: test.comment.contains("level 33") ? 0x33 : 0x03)
            let counter = UInt64(test.number("counter") ?? 0)
            var channel = SecureChannel(resuming: start, chain: test.octets("chainBefore"), counter: counter - 1)
            guard test.result == "valid" else {
                let plain = try? channel.unwrapped(try Command(test.octets("wrapped")))
                #expect(plain == nil, "case \(test.id) \(test.comment)")
                continue
            }
            let plain = try #require(try channel.unwrapped(try Command(test.octets("wrapped"))))
            let expected = try Command(test.octets("plain"))
            #expect(plain.data == expected.data, "case \(test.id)")
            #expect(plain.ins == expected.ins && plain.p1p2 == expected.p1p2)
            #expect(channel.chain == test.octets("chainAfter"))
        }
        #expect(used == 54)
    }

    @Test
    func `answers are wrapped as published`() throws {
        var used = 0
        for test in try Self.cases("response", key: "sEnc") where test.result == "valid" {
            used += 1
            let counter = UInt64(test.number("counter") ?? 0)
            let start = Self.channel(test, level: 0x33)
            let channel = SecureChannel(resuming: start, chain: test.octets("chain"), counter: counter)
            let plain = test.octets("plain")
            let reply = try channel.wrapped(Reply(data: Array(plain.dropLast(2)), status: .done))
            #expect(reply.octets == test.octets("wrapped"), "case \(test.id)")
        }
        #expect(used == 3)
    }
}

@Suite("SCP03 安全通道 sessions on a card")
struct SecureChannelTests {
    @Test(arguments: [UInt8(0x01), 0x03, 0x11, 0x13, 0x33], [UInt8(0x30), 0x38])
    func `every level carries commands and answers, in AES and in SM4`(level: UInt8, version: UInt8) throws {
        var bench = try SessionTraceTests.keyed()
        bench.select(AID.citizen)
        #expect(bench.open(version, level: level) == "9000")
        for _ in 0..<3 {
            #expect(bench.secure("80CA9F7F00") == "9F7F2A" + Hex.encodeUpper(bench.card.image.production) + "9000")
        }
        let status = bench.store(grouping(0xEF06, hex("D8027A68")))
        #expect(status == (level == 0x33 ? "9000" : "6982"))
    }

    @Test
    func `a level the profile does not know is refused`() throws {
        var bench = try SessionTraceTests.keyed()
        for level: UInt8 in [0x00, 0x02, 0x10, 0x12, 0x23, 0x31, 0xFF] {
            #expect(bench.open(0x30, level: level) == "6A86")
        }
    }

    @Test
    func `a wrong MAC ends the session and changes nothing`() throws {
        var bench = try SessionTraceTests.keyed()
        bench.select(AID.citizen)
        bench.open(0x30)
        var session = try #require(bench.host)
        var wrapped = session.wrap(hex("80E288000AEF06") + [7] + hex("D8027A68D90100"))
        wrapped[wrapped.count - 1] ^= 1
        #expect(bench.card.process(wrapped) == hex("6988"))
        #expect(bench.secure("80CA9F7F00") == "6982")
        #expect(bench.card.image.citizen.directory.lists.count == 0)
    }

    @Test
    func `a repeated command is refused, an error leaves the session open`() throws {
        var bench = try SessionTraceTests.keyed()
        bench.open(0x30)
        #expect(bench.secure("80CA123400") == "6A88")
        #expect(bench.secure("80F28002024F00").hasSuffix("9000"))
        var session = try #require(bench.host)
        let wrapped = session.wrap(hex("80CA9F7F00"))
        #expect(bench.card.process(wrapped).suffix(2) == hex("9000")[...])
        #expect(bench.card.process(wrapped) == hex("6988"))
    }

    @Test
    func `plain SELECT and INITIALIZE UPDATE end a session and run, any other plain command ends it with 6982`() throws
    {
        var bench = try SessionTraceTests.keyed()
        bench.open(0x30)
        #expect(bench.select(AID.citizen).hasSuffix("9000"))
        #expect(bench.card.channel == nil)
        bench.open(0x30)
        #expect(bench.send("80503000080102030405060708").hasSuffix("9000"))
        #expect(bench.card.channel == nil)
        bench.open(0x30)
        #expect(bench.send("80CA9F7F00") == "6982")
        #expect(bench.card.channel == nil)
        bench.open(0x30)
        #expect(bench.send("00A4040006F0434331010900") == "6A82")
        #expect(bench.card.channel == nil)
        bench.open(0x30)
        #expect(bench.send("00C0000000") == "6982")
        #expect(bench.card.channel == nil)
    }

    @Test
    func `the counter moves at INITIALIZE UPDATE, also when no session follows`() throws {
        var bench = try Bench()
        for number in 1...3 {
            let answer = bench.send("8050FF0008010203040506070800")
            #expect(answer.hasSuffix("00000\(number)9000"))
        }
        bench.card.image.keySets[0].sequence = 0xFF_FFFE
        #expect(bench.send("8050FF0008010203040506070800").hasSuffix("FFFFFF9000"))
        #expect(bench.send("8050FF0008010203040506070800") == "6983")
    }

    @Test
    func `fifty failed authentications kill a set, a success before restores it`() throws {
        var bench = try SessionTraceTests.keyed()
        let wrong = HostKeys(
            encryption: Bench.issuerMaster,
            authentication: Bench.issuerMaster,
            data: Bench.issuerMaster,
            cipher: .aes128
        )
        for _ in 0..<49 { #expect(bench.open(0x30, keys: wrong) == "6300") }
        #expect(bench.open(0x30) == "9000")
        bench.card.reset()
        for _ in 0..<50 { #expect(bench.open(0x30, keys: wrong) == "6300") }
        #expect(bench.open(0x30) == "6983")
        #expect(bench.open(0x38) == "9000")
    }

    @Test
    func `the transport set opens nothing but PUT KEY, and only in the ISD of a blank`() throws {
        var bench = try Bench()
        bench.select(AID.citizen)
        #expect(bench.open(0xFF) == "6985")
        bench.select(AID.domain)
        #expect(bench.open(0x00, keys: .derived(0xFF)) == "9000")
        #expect(bench.host?.level == 0x33)
        #expect(bench.secure("80F0800F00") == "6982")
        #expect(bench.secure("80E4000003D201FF") == "6982")
        #expect(bench.secure("80CADF3000") == "6982")
        #expect(bench.store(grouping(0x0071, [0x04])) == "6982")
    }

    @Test
    func `a session needs its handshake directly before`() throws {
        var bench = try SessionTraceTests.keyed()
        #expect(bench.send("8482330010" + String(repeating: "00", count: 16)) == "6985")
        _ = bench.send("8050300008010203040506070800")
        _ = bench.send("80CA9F7F00")
        #expect(bench.send("8482330010" + String(repeating: "00", count: 16)) == "6985")
        #expect(bench.send("84E2880008" + String(repeating: "00", count: 8)) == "6982")
    }
}
