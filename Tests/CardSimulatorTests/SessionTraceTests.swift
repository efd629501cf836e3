import Octets
import Testing

@testable import CardSimulator

@Suite("会话轨迹 the session traces of the profile sheet, byte for byte")
struct SessionTraceTests {
    private static let hostChallenge = "0102030405060708"
    private static let newAES = """
        30 881110B260D2489A3159FED89148A9A8E19CCF0329A487
        8811107B7ADC8BC74EFA93E57BB60714F6EF4F0385E044 881110AADF1C6F34FAC994E1B92D46CF45BA15033E9F4A
        """
    private static let newSM4 = """
        38 891110 02D45C1E78EBB4E4010EC27C6C672F49 03487534 891110 34DD0DB6153564861F0028EB68982E5B 03AF662A
        891110 BB0BD1A8F792146FF9E2F290ACE75021 03084ACF
        """

    /// A blank that already holds 30 and 38.
    static func keyed() throws -> Bench {
        var bench = try Bench()
        bench.open(0xFF)
        #expect(bench.secure("80D8008146" + newAES.filter { !$0.isWhitespace }).hasSuffix("9000"))
        #expect(bench.secure("80D8008146" + newSM4.filter { !$0.isWhitespace }).hasSuffix("9000"))
        bench.card.reset()
        return bench
    }

    @Test
    func `trace A: the transport session and PUT KEY of set 30`() throws {
        var bench = try Bench()
        let opening = bench.send("8050FF0008" + Self.hostChallenge + "00")
        #expect(opening == "43430001250100000007FF037007A2DA499A52F0E9373D13DED38E9E950000019000")
        #expect(bench.send("848233001039EC3D1C250C15817707F8F0F0B9D725") == "9000")
        let channel = try #require(bench.card.channel)
        #expect(channel.encryption == hex("F2487E6A4E7D4E261A5B7DB74C44941F"))
        #expect(channel.authentication == hex("336ABB50B02AF78422B5DCFAF20743C0"))
        #expect(channel.answer == hex("766A8878092277C06E9BB37927E95A4E"))
        let wrapped = """
            84D80081589E0115184415119AC41DE6632AA4843B32FD805CB6CFC06FC560D01DCBD192D7632ACEF95D870A631D8E6583CD33
            9B942E701757D31CA37A7645A39A40AED68A59DFA23CF6664C9EA35CE46F6514F4A48ABCF716D50C2D9F
            """
        let answer = bench.send(wrapped)
        #expect(answer == "2D010FA5E6D12D47FA9CBA08863F2EDE3E1B3A5F137078859000")
        #expect(bench.send("80CA00E000").hasPrefix("6982"))
        #expect(
            bench.send("80CA00E000")
                == "E024C0040130 8810C00402308810C00403308810C00401FF8810C00402FF8810C00403FF88109000".filter {
                    $0 != " "
                }
        )
    }

    @Test
    func `trace A: the SM4 set 38 goes in under the AES DEK`() throws {
        var bench = try Bench()
        bench.open(0xFF)
        let answer = bench.secure("80D8008146" + Self.newSM4.filter { !$0.isWhitespace })
        #expect(answer == "38487534AF662A084ACF9000")
    }

    @Test
    func `trace B: the citizen's data under set 30`() throws {
        var bench = try Self.keyed()
        bench.select(AID.domain)
        bench.open(0x30)
        bench.select(AID.citizen)
        let opening = bench.send("8050300008" + Self.hostChallenge + "00")
        #expect(opening == "434300012501000000073003707AFFB199F2F18FCD6AE1BF141A28D3CE0000029000")
        #expect(bench.send("8482330010D8936E0EF64B76C537EFA31AA38BE5F0") == "9000")
        #expect(bench.send("84E28800181A66004469064033086EBB013F6EE08E46B2B07C0F47B338") == "69E1CA00265946D99000")
        let read = bench.send("04B08500086839CAE0AC642CDA00")
        #expect(read == "551EC610E486BB345C26826749816B62A85CA7B24B29CEE79000")
    }

    @Test
    func `traces C and D: SM4 session, then a sector's application`() throws {
        var bench = try Self.keyed()
        bench.select(AID.domain)
        bench.open(0x38)
        bench.select(AID.citizen)
        let opening = bench.send("8050380008" + Self.hostChallenge + "00")
        #expect(opening == "434300012501000000073803707A29AAD2106A08751AEE7BB6D9C0A12F0000029000")
        #expect(bench.send("8482330010A07CF50F4ABD38F29F3FF9AAC58A16D3") == "9000")
        #expect(bench.send("84E2880018EA8BD4F38ED1CA8D5F5932AC140507A77677D11A298D9D6D") == "B998277A300EA5519000")
        #expect(bench.send("04B085000846B263AE10FCC47700") == "2BEC88A88637306CA0A4312CCBA767B4F260AA5F4B7DC9059000")

        bench.select(AID.domain)
        let second = bench.send("8050380008" + Self.hostChallenge + "00")
        #expect(second == "434300012501000000073803701AD5E69CBE272898AADF95C89497069A0000039000")
        #expect(bench.send("84823300102CA2BDEE6860B912E43BF24250BF8345") == "9000")
        let create = """
            84E2880038080E1296CF9CAA8100F6E72D5ECBA3AAEA30BB70EB021528ACFCFFAFB5B93D064CD4368E4C6DFF54F6A61C87D39EC552
            FC8DBF2425B90A45
            """
        #expect(bench.send(create) == "10ABF45F8E657AD99000")
        bench.open(0x38)
        let lists = bench.secure("80CADF3000")
        #expect(lists == "00016FCA28FE36D5F9241D799E72A217E075A6BDED3302603E45DA2EE5E9B5C6241B9000")
        #expect(bench.secure("80CADF3300") == "2E300C9000")
    }
}
