import Cryptography
import Octets
import Purses
import TestSupport
import Testing

@Suite("钱包向量 purse vectors", .enabled(if: Vectors.has("purse/pboc_load_test.json")))
struct PurseVectorTests {
    @Test(arguments: [
        ("purse/pboc_load_test.json", PurseSuite.tripleDES, 33), ("purse/purse_sm4_load_test.json", .sm4, 8),
    ])
    func `loads`(path: String, suite: PurseSuite, count: Int) throws {
        let cases = try Vectors.cases(path)
        #expect(cases.count == count)
        for test in cases {
            let codes = try LoadCodes(
                suite,
                key: SecretOctets(copying: test.octets("key")),
                random: test.octets("random"),
                sequence: UInt16(number(test, "sequence"))
            )
            let subject = subject(test)
            let opening = try codes.opening(balanceFen: UInt32(number(test, "oldBalance")), subject)
            let credit = try codes.credit(subject, try moment(test))
            let holds = opening == test.octets("mac1") && credit == test.octets("mac2")
            #expect(holds == (test.result == "valid"), "\(path) \(test.id) \(test.comment)")
        }
    }

    @Test
    func `purchases`() throws {
        let cases = try Vectors.cases("purse/pboc_purchase_test.json")
        #expect(cases.count == 26)
        for test in cases {
            let codes = try PurchaseCodes(
                .tripleDES,
                key: SecretOctets(copying: test.octets("key")),
                random: test.octets("random"),
                sequence: UInt16(number(test, "sequence")),
                terminalSequence: UInt32(number(test, "terminalSequence"))
            )
            let debit = try codes.debit(subject(test), try moment(test))
            let holds = try debit == test.octets("mac1") && codes.answer(subject(test)) == test.octets("mac2")
            #expect(holds == (test.result != "invalid"), "\(test.id) \(test.comment)")
        }
    }

    @Test
    func `certificates`() throws {
        let cases = try Vectors.cases("purse/pboc_tac_test.json")
        #expect(cases.count == 22)
        for test in cases {
            let key = SecretOctets(copying: test.octets("key"))
            let tac: [UInt8]
            if test.text("kind") == "load" {
                tac = try TransactionCertificate.load(
                    .tripleDES,
                    key: key,
                    balanceFen: UInt32(number(test, "newBalance")),
                    sequence: UInt16(number(test, "sequence")),
                    subject(test),
                    try moment(test)
                )
            } else {
                tac = try TransactionCertificate.purchase(
                    .tripleDES,
                    key: key,
                    terminalSequence: UInt32(number(test, "terminalSequence")),
                    subject(test),
                    try moment(test)
                )
            }
            #expect((tac == test.octets("tac")) == (test.result == "valid"), "\(test.id) \(test.comment)")
        }
    }

    @Test
    func `diversified keys`() throws {
        let cases = try Vectors.cases("purse/pboc_key_diversification_test.json")
        #expect(cases.count == 18)
        for test in cases {
            let suite = test.text("cipher") == "SM4" ? PurseSuite.sm4 : .tripleDES
            let named = test.members["factors"] as? [String] ?? [test.text("factor") ?? ""]
            var key = SecretOctets(copying: test.octets("masterKey"))
            for factor in named { key = try suite.diversified(key, by: Hex.decode(factor)) }
            let isRight = key.equals(test.octets("childKey"))
            #expect(isRight, "\(test.id) \(test.comment)")
        }
    }

    private func number(_ test: Vectors.Case, _ name: String) -> UInt64 {
        test.octets(name).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func subject(_ test: Vectors.Case) -> PurseSubject {
        PurseSubject(
            amountFen: UInt32(number(test, "amount")),
            type: test.octets("transactionType")[0],
            terminal: test.octets("terminal")
        )
    }

    private func moment(_ test: Vectors.Case) throws -> PurseMoment {
        try #require(PurseMoment((test.text("date") ?? "") + (test.text("time") ?? "")))
    }
}
