import CardEngine
import Octets
import Testing

@Suite("中继 the relay between service and desk")
struct RelayTests {
    @Test
    func `the chain of the published example`() throws {
        var chain = RelayChain(job: "J-2026-000001")
        #expect(Hex.encodeUpper(chain.head) == "05D8C29127E09567AEA378A7E7A75C34C90F2FB2A6CCD189E44AE4AAD24CC038")
        let select = try RelayedCommand(CommandAPDU(Hex.decode("00A4040008A000000151000000")))
        chain.add(select, response: try Hex.decode("6F009000"))
        #expect(Hex.encodeUpper(chain.head) == "6DF647874C42ED36973957F320F3186B07046D7BA5DCA7CB0A31C21A39B70DF1")
        chain.add(try RelayedCommand(CommandAPDU(Hex.decode("80CA9F7F00"))), response: [])
        #expect(Hex.encodeUpper(chain.head) == "C3ABBA9DEC43FCC47D2D812A465DA0A6256723A1574795CDA71CB0ACEC49EDAF")
    }

    static func batch() -> RelayBatch {
        let fill = PINFill(offset: 13, length: 8, question: .newPIN)
        let change = CommandAPDU(0x00, 0x24, 0x00, 0x80, [UInt8](repeating: 0xFF, count: 16))
        return RelayBatch(
            job: "J-1",
            number: 3,
            nonce: [UInt8](repeating: 7, count: 16),
            desk: "D1",
            reader: "Desk 0 00 00",
            step: "keys",
            expires: 1_790_000_000,
            reset: .yes,
            commands: [RelayedCommand(change, fills: [fill], isSensitive: true)],
            previous: RelayChain(job: "J-1").head
        )
    }

    @Test
    func `a batch and a result read back as they were written`() throws {
        let batch = Self.batch()
        #expect(try RelayBatch(batch.json) == batch)
        let result = RelayResult(
            job: "J-1",
            number: 3,
            nonce: batch.nonce,
            desk: "D1",
            reader: "Desk 0 00 00",
            status: .tear,
            responses: [[0x90, 0], []],
            chain: batch.previous,
            cardMicroseconds: 12
        )
        #expect(try RelayResult(result.json) == result)
    }

    @Test
    func `a fill is allowed in PIN commands alone`() {
        let fill = PINFill(offset: 5, length: 8, question: .newPIN)
        let batch = RelayBatch(
            job: "J-1",
            number: 1,
            nonce: [UInt8](repeating: 7, count: 16),
            desk: "D1",
            reader: "R",
            step: "x",
            expires: 1,
            reset: .no,
            commands: [RelayedCommand(CommandAPDU(0x00, 0xD6, 0, 0, [UInt8](repeating: 0, count: 16)), fills: [fill])],
            previous: RelayChain(job: "J-1").head
        )
        #expect(throws: RelayBatch.Fault(member: "apdus/0/fill")) { try RelayBatch(batch.json) }
    }
}
