import Octets
import Purses
import Testing

/// The values of the profile sheet (CC-1, 3.4), one row a line.
@Suite("钱包算例 the purse's worked values")
struct PurseSheetTests {
    private static let key = "11223344556677888877665544332211"
    private static let certificateKey = "0123456789ABCDEFFEDCBA9876543210"
    private static let entry =
        "014601013201000200170011223344552026040108000000000000000000000000000000"
        + "000000000000000000000000000000000000000000000000000000260400000000000000"
    private static let exit =
        "014600013201000200170011223344552026040108000000000000023201000200250011"
        + "223344662026040108253000000190202604010825300000019001260400000190000000"

    private func secret(_ text: String) throws -> SecretOctets { SecretOctets(copying: try Hex.decode(text)) }

    @Test(arguments: [
        (PurseSuite.tripleDES, UInt8(1), "2988ae5a", "3a845bf0", "1c9afd82"),
        (.tripleDES, 2, "a5638aa0", "fdd12af1", "7e9dbda8"), (.sm4, 2, "ae274668", "f83ff331", "a938c7df"),
    ])
    func `loads`(suite: PurseSuite, type: UInt8, mac1: String, mac2: String, tac: String) throws {
        let subject = PurseSubject(amountFen: 0x1000, type: type, terminal: try Hex.decode("001122334455"))
        let moment = try #require(PurseMoment("20111221214822"))
        let codes = try LoadCodes(suite, key: secret(Self.key), random: [0x11, 0x22, 0x33, 0x44], sequence: 0)
        #expect(Hex.encode(try codes.opening(balanceFen: 0, subject)) == mac1)
        #expect(Hex.encode(try codes.credit(subject, moment)) == mac2)
        let certificate = try TransactionCertificate.load(
            suite,
            key: secret(Self.certificateKey),
            balanceFen: 0x1000,
            sequence: 0,
            subject,
            moment
        )
        #expect(Hex.encode(certificate) == tac)
    }

    /// One row of the table.
    struct Debit: Sendable {
        let suite: PurseSuite
        let type: UInt8
        let amount: UInt32
        let terminal: String
        let random: String
        let sequence: UInt16
        let terminalSequence: UInt32
        let moment: String
        let record: String
        let codes: [String]
    }

    private static func plain(_ suite: PurseSuite, _ type: UInt8, _ codes: [String]) -> Debit {
        Debit(
            suite: suite,
            type: type,
            amount: 0x1000,
            terminal: "001122334455",
            random: "11223344",
            sequence: 0,
            terminalSequence: 1,
            moment: "20120229135100",
            record: "",
            codes: codes
        )
    }

    private static func entering(_ suite: PurseSuite, _ codes: [String]) -> Debit {
        Debit(
            suite: suite,
            type: 9,
            amount: 0,
            terminal: "001122334455",
            random: "11223344",
            sequence: 5,
            terminalSequence: 0x101,
            moment: "20260401080000",
            record: entry,
            codes: codes
        )
    }

    private static func leaving(_ suite: PurseSuite, _ codes: [String]) -> Debit {
        Debit(
            suite: suite,
            type: 9,
            amount: 0x190,
            terminal: "001122334466",
            random: "55667788",
            sequence: 6,
            terminalSequence: 0x202,
            moment: "20260401082530",
            record: exit,
            codes: codes
        )
    }

    @Test(arguments: [
        plain(.tripleDES, 6, ["f15cab75", "56988a13", "9239c7f0"]),
        plain(.sm4, 6, ["9bafbcac", "b05bf7f7", "10853b5b"]),
        plain(.tripleDES, 9, ["0e5ae1c1", "56988a13", "80db745c"]),
        entering(.tripleDES, ["7f462223", "a78ac686", "d0f414ad"]),
        leaving(.tripleDES, ["2343dc3d", "ecbdcb8d", "11f65e11"]),
        entering(.sm4, ["a70fedce", "e205294f", "5b9cfe0c"]), leaving(.sm4, ["bb3a2d54", "98acae31", "d5e63955"]),
    ])
    func `purchases and composite ones`(row: Debit) throws {
        let subject = PurseSubject(amountFen: row.amount, type: row.type, terminal: try Hex.decode(row.terminal))
        let moment = try #require(PurseMoment(row.moment))
        let record = try Hex.decode(row.record)
        #expect(record.isEmpty || record.count == 72)
        let codes = try PurchaseCodes(
            row.suite,
            key: secret(Self.key),
            random: Hex.decode(row.random),
            sequence: row.sequence,
            terminalSequence: row.terminalSequence
        )
        let certificate = try TransactionCertificate.purchase(
            row.suite,
            key: secret(Self.certificateKey),
            terminalSequence: row.terminalSequence,
            subject,
            moment,
            record: record
        )
        let found = try [codes.debit(subject, moment, record: record), codes.answer(subject), certificate]
        #expect(found.map { Hex.encode($0) } == row.codes)
    }
}
