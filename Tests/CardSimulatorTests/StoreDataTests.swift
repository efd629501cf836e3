import Cryptography
import Octets
import Testing

@testable import CardSimulator

/// A key record under the DEK of the host's session.
func sealedKey(
    _ session: HostSession?,
    _ head: [UInt8],
    _ key: [UInt8],
    mask: UInt16 = 0
) -> [UInt8] {
    let record = head + key + mask.bigEndianOctets + [UInt8](repeating: 0, count: 9)
    return grouping(0x8020, cbc(session?.cipher ?? .aes128, session?.dataKey ?? [], record))
}

@Suite("STORE DATA lists are committed whole or not at all")
struct StoreDataTests {
    private static func citizen() throws -> Bench {
        var bench = try SessionTraceTests.keyed()
        bench.select(AID.citizen)
        bench.open(0x30)
        return bench
    }

    @Test
    func `a list of several blocks goes in, DF30 counts it and holds its hash`() throws {
        var bench = try Self.citizen()
        let blank = String(repeating: "00", count: 34)
        #expect(bench.secure("80CADF3000") == blank + "9000")
        let list =
            grouping(0xEF05, [UInt8](repeating: 0xC1, count: 128))
            + grouping(0xEF09, [UInt8](repeating: 0xD1, count: 512))
            + grouping(0xEF0A, [3] + [UInt8](repeating: 0x0A, count: 32))
        #expect(bench.store(list) == "9000")
        let hash = Hex.encodeUpper(Digest.sha256.hash(list))
        #expect(bench.secure("80CADF3000") == "0001" + hash + "9000")
        #expect(bench.secure("00B0890000") == String(repeating: "D1", count: 239) + "9000")
        #expect(bench.secure("00B2035400") == String(repeating: "0A", count: 32) + "9000")
        #expect(bench.store(list) == "9000")
        #expect(bench.secure("80CADF3000").hasPrefix("0002"))
    }

    @Test(arguments: [
        ("", "6700"), ("EF", "6A80"), ("EF06", "6A80"), ("EF0602AA", "6A80"), ("EF06FF00", "6A80"),
        ("EF06FF0002AA", "6A80"), ("EF0700", "9000"), ("EF0601AAEF", "6A80"), ("EF1F01AA", "6A88"),
        ("EF0801AA", "6A88"), ("007001AA", "6A88"), ("010101AA", "6A88"), ("EF15021122", "6A88"),
        ("0021021001", "9000"), ("00210110", "6A80"), ("0021021101", "6A80"), ("002100", "6A80"),
        ("802001AA", "6A80"), ("EF0A0101", "6A80"),
    ])
    func `a malformed list behind a good one changes nothing`(bad: String, status: String) throws {
        var bench = try Self.citizen()
        let before = bench.card.image.citizen
        if bad.isEmpty {
            #expect(bench.secure("80E28800") == status)
        } else {
            let answer = bench.store(grouping(0xEF06, [0xD9, 0x01, 0x01]) + hex(bad))
            #expect(answer == status)
        }
        #expect((bench.card.image.citizen == before) == (status != "9000"))
    }

    @Test
    func `sizes and record numbers beyond the file are refused`() throws {
        var bench = try Self.citizen()
        for (file, size) in [(0xEF05, 128), (0xEF06, 64), (0xEF07, 128), (0xEF09, 512), (0xEF1D, 512)]
            as [(UInt16, Int)]
        {
            #expect(bench.store(grouping(file, [UInt8](repeating: 1, count: size))) == "9000")
            #expect(bench.store(grouping(file, [UInt8](repeating: 1, count: size + 1))) == "6A84")
        }
        for number: UInt8 in [0, 41, 255] {
            #expect(bench.store(grouping(0xEF0A, [number] + [UInt8](repeating: 1, count: 32))) == "6A80")
        }
        #expect(bench.store(grouping(0xEF0A, [40] + [UInt8](repeating: 1, count: 32))) == "9000")
        let many = [[UInt8]](repeating: grouping(0xEF09, [UInt8](repeating: 1, count: 512)), count: 8).flatMap(\.self)
        #expect(many.count == 4_136)
        #expect(bench.store(many) == "6A84")
    }

    @Test
    func `blocks come in order and any other command drops them`() throws {
        var bench = try Self.citizen()
        #expect(bench.secure("80E2880104EF060101") == "6A86")
        #expect(bench.secure("80E2080003EF0602") == "9000")
        #expect(bench.secure("80E2880202AABB") == "6A86")
        #expect(bench.secure("80E2880102AABB") == "6A86")
        #expect(bench.secure("80E2080003EF0602") == "9000")
        #expect(bench.secure("80CA9F7F00").hasSuffix("9000"))
        #expect(bench.secure("80E2880102AABB") == "6A86")
        #expect(bench.secure("80E2080003EF0602") == "9000")
        #expect(bench.secure("80E2880102AABB") == "9000")
        #expect(bench.secure("00B0860000") == "AABB9000")
        for parameters in ["0000", "8000", "0100", "9800"] {
            #expect(bench.secure("80E2" + parameters + "04EF060101") == "6A86")
        }
    }

    @Test
    func `the last block commits nothing when the list is bad at its end`() throws {
        var bench = try Self.citizen()
        let before = bench.card.image.citizen
        let list = grouping(0xEF09, [UInt8](repeating: 1, count: 400)) + [0xEF, 0x05, 0x09, 0x01]
        #expect(bench.store(list) == "6A80")
        #expect(bench.card.image.citizen == before)
    }

    @Test
    func `reader keys: form, room, and a rising version once the application is personalised`() throws {
        var bench = try Self.citizen()
        let key = Bench.issuerMaster
        func put(_ head: [UInt8], mask: UInt16 = 0x0001) -> String {
            bench.store(sealedKey(bench.host, head, key, mask: mask))
        }
        for bad: [UInt8] in [
            [0x11, 1, 1, 8, 15], [0x10, 2, 1, 8, 15], [0x10, 0x40, 1, 8, 15], [0x10, 0x80, 1, 8, 15],
            [0x10, 1, 1, 4, 15],
            [0x10, 1, 1, 8, 0], [0x10, 1, 1, 8, 16],
        ] {
            #expect(put(bad) == "6A80")
        }
        #expect(put([0x10, 1, 1, 8, 15], mask: 0x0200) == "6A80")
        #expect(put([0x10, 1, 1, 8, 15], mask: 0x01FF) == "9000")
        #expect(put([0x10, 1, 1, 8, 15], mask: 0x01FF) == "9000")
        for sector: UInt8 in 1...15 { #expect(put([0x10, 0x40 + sector, 1, 0x18, 15]) == "9000") }
        #expect(put([0x10, 0x50, 1, 0x18, 15]) == "6A84")
        #expect(bench.secure("80CADF3200").hasPrefix("1001010801FF104101180001"))
        #expect(
            bench.secure("80CADF3100").hasPrefix(
                "10010108" + Hex.encodeUpper(ecb(.aes128, key, [UInt8](repeating: 1, count: 16)).prefix(3))
            )
        )
        bench.card.image.citizen.directory.state = .personalized
        #expect(put([0x10, 1, 1, 8, 15]) == "6985")
        #expect(put([0x10, 1, 2, 8, 15]) == "9000")
        #expect(bench.store(grouping(0x0021, hex("1001104110FF"))) == "9000")
        #expect(bench.card.image.citizen.directory.keys.count == 14)
    }

    @Test
    func `DF30 to DF33 and the key information obey their access`() throws {
        var bench = try Self.citizen()
        #expect(bench.secure("80CADF3300") == "6A88")
        #expect(bench.secure("80CA00E000") == "6A88")
        bench.select(AID.citizen)
        #expect(bench.send("80CADF3000") == "6982")
        #expect(bench.send("80CADF3100") == "6982")
        #expect(bench.send("80CADF3200") == "9000")
        #expect(bench.send("80CADF320400000000") == "6700")
        bench.select(AID.domain)
        #expect(bench.send("80CADF3300") == "6982")
        #expect(bench.send("80F28002024F00") == "E30E4F08A0000001510000009F7001079000")
        #expect(bench.send("80F28002024F01") == "6A80")
        #expect(bench.send("80F24002024F00").hasSuffix("E30C4F06F043433101029F7001079000"))
        bench.open(0x30)
        #expect(bench.secure("80CADF3300") == "30000D9000")
    }

    @Test
    func `PUT KEY and DELETE: forms, room, and never the session's own set`() throws {
        var bench = try SessionTraceTests.keyed()
        bench.open(0x30)
        func body(_ version: UInt8, type: UInt8? = nil, wrongValue: Bool = false) -> [UInt8] {
            let keys = HostKeys.derived(version)
            let session = HostKeys.derived(0x30)
            var octets = [version]
            for key in [keys.encryption, keys.authentication, keys.data] {
                var value = Array(ecb(keys.cipher, key, [UInt8](repeating: 1, count: 16)).prefix(3))
                if wrongValue { value[0] ^= 1 }
                octets += [type ?? (keys.cipher == .sm4 ? 0x89 : 0x88), 0x11, 0x10]
                octets += cbc(.aes128, session.data, key) + [0x03] + value
            }
            return octets
        }
        func put(_ p1: UInt8, _ body: [UInt8]) -> String {
            String(bench.secure(Hex.encodeUpper([0x80, 0xD8, p1, 0x81, UInt8(body.count)] + body)).suffix(4))
        }
        #expect(put(0x00, body(0x31)) == "6A84")
        #expect(bench.secure("80E4000003D20130") == "6985")
        #expect(bench.secure("80E4000003D20131") == "6A88")
        #expect(bench.secure("80E4000003D30131") == "6A80")
        #expect(bench.secure("80E4000003D201FF") == "9000")
        #expect(put(0x00, body(0x31, wrongValue: true)) == "6A80")
        #expect(put(0x00, body(0x31, type: 0x89)) == "6A80")
        #expect(put(0x00, body(0x2F)) == "6A80")
        #expect(put(0x00, Array(body(0x31).dropLast())) == "6700")
        #expect(put(0x00, body(0x38)) == "6985")
        #expect(put(0x32, body(0x32)) == "6A88")
        #expect(put(0x00, body(0x31)) == "9000")
        #expect(put(0x31, body(0x39)) == "9000")
        #expect(bench.card.image.keySets.map(\.version) == [0x30, 0x38, 0x39])
        #expect(bench.open(0x39) == "9000")
    }
}
