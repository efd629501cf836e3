import Octets
import TestSupport
import Testing

@testable import CardSimulator

@Suite("钱包向量 purse vectors on the card's arithmetic")
struct PurseVectorTests {
    @Test(.enabled(if: Vectors.has("purse/pboc_load_test.json"), "no vectors: set CITIZEN_VECTORS"))
    func `every published and computed purse vector`() throws {
        var used = 0
        let files = ["pboc_load_test", "purse_sm4_load_test", "pboc_purchase_test", "pboc_tac_test"]
        for file in files {
            for test in try Vectors.cases("purse/\(file).json") {
                used += 1
                let agrees = try Self.agrees(test, algorithm: file.contains("sm4") ? 0x04 : 0x00)
                #expect(agrees == (test.result != "invalid"), "\(file) case \(test.id) \(test.comment)")
            }
        }
        #expect(used == 89)
    }

    private static func agrees(_ test: Vectors.Case, algorithm: UInt8) throws -> Bool {
        let record = [0x01, 0x01, 0x01, algorithm, 0x0F] + test.octets("key") + [UInt8](repeating: 0, count: 11)
        let key = try KeyRecord(record)
        let subject = test.octets("amount") + test.octets("transactionType") + test.octets("terminal")
        let moment = test.octets("date") + test.octets("time")
        if test.members["tac"] != nil {
            let message =
                test.text("kind") == "load"
                ? test.octets("newBalance") + test.octets("sequence") + subject + moment
                : subject + test.octets("terminalSequence") + moment
            let code = try PurseArithmetic.code(PurseArithmetic.certificateKey(key), message)
            return code == test.octets("tac")
        }
        let sequence = test.octets("sequence").reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
        let random = test.octets("random")
        guard test.members["oldBalance"] == nil else {
            let input = PurseArithmetic.loadInput(random: random, sequence: sequence)
            let session = try PurseArithmetic.sessionKey(key, input)
            return try PurseArithmetic.code(session, test.octets("oldBalance") + subject) == test.octets("mac1")
                && PurseArithmetic.code(session, subject + moment) == test.octets("mac2")
        }
        let input = PurseArithmetic.purchaseInput(
            random: random,
            sequence: sequence,
            terminalSequence: test.octets("terminalSequence")
        )
        let session = try PurseArithmetic.sessionKey(key, input)
        return try PurseArithmetic.code(session, subject + moment) == test.octets("mac1")
            && PurseArithmetic.code(session, test.octets("amount")) == test.octets("mac2")
    }
}
