import Octets
import Purses
import Testing

@Suite("结算与账本 settlement files and the ledger")
struct SettlementTests {
    static func file(_ count: Int) -> SettlementFile {
        let lines = (0..<count).map { (index: Int) -> SettlementLine in
            SettlementLine(
                cardNumber: "00013201000000000126",
                subject: PurseSubject(.purchase, amountFen: UInt32(100 + index), terminal: [0, 1, 2, 3, 4, 5]),
                balanceBeforeFen: 100_000,
                sequence: UInt16(index),
                keyVersion: 1,
                suite: .sm4,
                terminalSequence: UInt32(index + 1),
                moment: PurseMoment(CivilTime(seconds: 1_790_000_000 + Int64(index))),
                certificate: index == 2 ? nil : [1, 2, 3, UInt8(index)]
            )
        }
        return SettlementFile(merchant: "M1", day: "20260921", lines: lines)
    }

    @Test
    func `a file comes back as it went`() throws {
        let file = Self.file(5)
        #expect(try SettlementFile(file.encoded) == file)
        #expect(try SettlementFile(file.encoded).encoded == file.encoded)
        #expect(file.sumFen == 100 + 101 + 103 + 104)
        #expect(try SettlementFile(Self.file(0).encoded).lines.isEmpty)
    }

    @Test
    func `an altered, missing or doubled line is named`() throws {
        let text = String(decoding: Self.file(5).encoded, as: UTF8.self)
        var rows = text.split(separator: "\n").map(String.init)
        func fault(_ rows: [String]) -> SettlementFault? {
            do throws(SettlementFault) {
                _ = try SettlementFile(Array((rows.joined(separator: "\n") + "\n").utf8))
                return nil
            } catch { return error }
        }
        #expect(fault(rows) == nil)
        for line in 1...5 {
            var altered = rows
            altered[line] = altered[line].replacing("\t\(99 + line)\t", with: "\t1\t")
            #expect(fault(altered) == .altered(line: line))
            var missing = rows
            missing.remove(at: line)
            #expect(fault(missing) == (line == 5 ? .count(stated: 5, found: 4) : .missing(line: line)))
            var doubled = rows
            doubled.insert(rows[line], at: line + 1)
            #expect(fault(doubled) == .doubled(line: line))
        }
        rows[0] = rows[0].replacing("\t408\t", with: "\t409\t")
        #expect(fault(rows) == .sum(statedFen: 409, foundFen: 408))
    }

    @Test
    func `every changed bit is refused, every cut too`() throws {
        let octets = Self.file(3).encoded
        for index in octets.indices {
            for bit in 0..<8 {
                var changed = octets
                changed[index] ^= 1 << bit
                #expect(throws: SettlementFault.self, "\(index).\(bit)") { try SettlementFile(changed) }
            }
            #expect(throws: SettlementFault.self) { try SettlementFile(Array(octets[..<index])) }
        }
    }

    @Test
    func `the ledger's rules name the line that breaks them`() throws {
        typealias Line = PurseLedger.Line
        let good = [Line(sequence: 1, deltaFen: 0, balanceFen: 0), Line(sequence: 2, deltaFen: 500, balanceFen: 500)]
        try PurseLedger.check(good, balanceFen: 500)
        try PurseLedger.check([], balanceFen: 0)
        let cases: [([Line], Int64, PurseLedger.Fault)] = [
            (good, 499, .account(shows: 499, lines: 500)),
            ([good[1]], 500, .gap(before: 2)),
            (good + [Line(sequence: 4, deltaFen: -1, balanceFen: 499)], 499, .gap(before: 4)),
            (good + [Line(sequence: 3, deltaFen: -1, balanceFen: 500)], 500, .sum(at: 3)),
            (good + [Line(sequence: 3, deltaFen: -501, balanceFen: -1)], -1, .negative(at: 3)),
        ]
        for (lines, balance, fault) in cases {
            #expect(throws: fault) { try PurseLedger.check(lines, balanceFen: balance) }
        }
    }
}
