import CardEngine
import Cryptography
import Octets
import Testing

@Suite("安全通道 SCP03 from the host's side")
struct SecureChannelTests {
    static let csn: [UInt8] = [0x43, 0x43, 0x00, 0x01, 0x25, 0x01, 0x00, 0x00, 0x00, 0x07]
    static let challenge: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    static func keys(_ version: UInt8, _ hex: [String]) throws -> CardKeySet {
        try CardKeySet(
            version: version,
            encryption: SecretOctets(copying: Hex.decode(hex[0])),
            authentication: SecretOctets(copying: Hex.decode(hex[1])),
            dataEncryption: SecretOctets(copying: Hex.decode(hex[2]))
        )
    }

    static let transport = [
        "7009C4888030B7182DBDFF6330141E55", "94BBFB83758E6AC55F23683390D627A6", "F6ADF7B02DA65E1DB98C45B47F28AF48",
    ]
    static let sm4 = [
        "EBB6C21136D947A8B298824C2AC2AD9F", "D6F340FBA93B969E2474E737D1024750", "1804DB86B90D0277522EFA6198C430AF",
    ]

    @Test
    func `trace A: the transport session and PUT KEY, byte for byte`() throws {
        let channel = try SecureChannel(
            keys: Self.keys(0xFF, Self.transport),
            csn: Self.csn,
            application: Hex.decode("A000000151000000"),
            sequence: 1,
            hostChallenge: Self.challenge
        )
        #expect(Hex.encodeUpper(channel.initializeUpdate.encoded) == "8050FF0008010203040506070800")
        try channel.check(
            initializeAnswer: Hex.decode("43430001250100000007FF037007A2DA499A52F0E9373D13DED38E9E95000001")
        )
        #expect(
            Hex.encodeUpper(try channel.externalAuthenticate().encoded) == "848233001039EC3D1C250C15817707F8F0F0B9D725"
        )
        let plain = try Hex.decode(
            "30881110B260D2489A3159FED89148A9A8E19CCF0329A4878811107B7ADC8BC74EFA93E57BB60714F6EF4F0385E044881110AADF1C6F"
                + "34FAC994E1B92D46CF45BA15033E9F4A"
        )
        let wrapped = try channel.wrap(CommandAPDU(0x80, 0xD8, 0x00, 0x81, plain))
        #expect(
            Hex.encodeUpper(wrapped.encoded.dropLast())
                == "84D80081589E0115184415119AC41DE6632AA4843B32FD805CB6CFC06FC560D01DCBD192D7632ACEF95D870A631D8E6583CD339B"
                + "942E701757D31CA37A7645A39A40AED68A59DFA23CF6664C9EA35CE46F6514F4A48ABCF716D50C2D9F"
        )
        let answer = try #require(
            ResponseAPDU(Hex.decode("2D010FA5E6D12D47FA9CBA08863F2EDE3E1B3A5F137078859000"))
        )
        #expect(Hex.encodeUpper(try channel.unwrap(answer, index: 0).data) == "3029A48785E0443E9F4A")
        var altered = answer.encoded
        altered[0] ^= 1
        let forged = try #require(ResponseAPDU(altered))
        #expect(throws: SecureChannel.Fault.responseMAC(index: 0)) { try channel.unwrap(forged, index: 0) }
    }

    @Test
    func `trace C: the same in SM4`() throws {
        let channel = try SecureChannel(
            keys: Self.keys(0x38, Self.sm4),
            csn: Self.csn,
            application: Hex.decode("F04343310101"),
            sequence: 2,
            hostChallenge: Self.challenge
        )
        try channel.check(
            initializeAnswer: Hex.decode("434300012501000000073803707A29AAD2106A08751AEE7BB6D9C0A12F000002")
        )
        #expect(
            Hex.encodeUpper(try channel.externalAuthenticate().encoded) == "8482330010A07CF50F4ABD38F29F3FF9AAC58A16D3"
        )
        let store = try channel.wrap(CommandAPDU(0x80, 0xE2, 0x88, 0x00, Hex.decode("EF050401020304")))
        #expect(
            Hex.encodeUpper(store.encoded.dropLast()) == "84E2880018EA8BD4F38ED1CA8D5F5932AC140507A77677D11A298D9D6D"
        )
        _ = try channel.unwrap(#require(ResponseAPDU(Hex.decode("B998277A300EA5519000"))), index: 0)
        let read = try channel.wrap(CommandAPDU(0x00, 0xB0, 0x85, 0x00, expected: 256))
        #expect(Hex.encodeUpper(read.encoded) == "04B085000846B263AE10FCC47700")
        let answer = try #require(ResponseAPDU(Hex.decode("2BEC88A88637306CA0A4312CCBA767B4F260AA5F4B7DC9059000")))
        #expect(try channel.unwrap(answer, index: 1).data == [1, 2, 3, 4])
    }

    @Test
    func `trace B: an answer without data still carries its R-MAC`() throws {
        let keys = [
            "9976E6DCDE3C2B002135D97732855F39", "05A70AA87536CC5C6777B977BDB211C0", "788FD2E0025A06AE57DD2CA35B22D5A0",
        ]
        let channel = try SecureChannel(
            keys: Self.keys(0x30, keys),
            csn: Self.csn,
            application: Hex.decode("F04343310101"),
            sequence: 2,
            hostChallenge: Self.challenge
        )
        try channel.check(
            initializeAnswer: Hex.decode("434300012501000000073003707AFFB199F2F18FCD6AE1BF141A28D3CE000002")
        )
        #expect(
            Hex.encodeUpper(try channel.externalAuthenticate().encoded) == "8482330010D8936E0EF64B76C537EFA31AA38BE5F0"
        )
        let store = try channel.wrap(CommandAPDU(0x80, 0xE2, 0x88, 0x00, Hex.decode("EF050401020304")))
        #expect(
            Hex.encodeUpper(store.encoded.dropLast()) == "84E28800181A66004469064033086EBB013F6EE08E46B2B07C0F47B338"
        )
        _ = try channel.unwrap(#require(ResponseAPDU(Hex.decode("69E1CA00265946D99000"))), index: 0)
    }

    @Test
    func `another card, a moved counter and an unknown key are told apart`() throws {
        let channel = try SecureChannel(
            keys: Self.keys(0xFF, Self.transport),
            csn: Self.csn,
            application: Hex.decode("A000000151000000"),
            sequence: 1,
            hostChallenge: Self.challenge
        )
        let good = try Hex.decode("43430001250100000007FF037007A2DA499A52F0E9373D13DED38E9E95000001")
        var other = good
        other[9] = 8
        #expect(throws: SecureChannel.Fault.self) { try channel.check(initializeAnswer: other) }
        var moved = good
        moved[31] = 5
        #expect(throws: SecureChannel.Fault.sequence(5)) { try channel.check(initializeAnswer: moved) }
        var unknown = good
        unknown[25] ^= 1
        #expect(throws: SecureChannel.Fault.cryptogram) { try channel.check(initializeAnswer: unknown) }
        #expect(throws: SecureChannel.Fault.malformed) { try channel.check(initializeAnswer: Array(good.dropLast())) }
        let refusal = ResponseAPDU([], .conditions)
        #expect(throws: SecureChannel.Fault.refused(index: 0, .conditions)) { try channel.unwrap(refusal, index: 0) }
    }
}
