import Cryptography
import Octets

/// Why a settlement file is none: the line is counted from 1 below the head line.
package enum SettlementFault: Error, Hashable, Sendable {
    /// A column that does not fit, by its name.
    package struct Column: Error, Hashable, Sendable {
        /// As in the description of the file.
        package let name: String
    }

    case tooLong
    case notUTF8
    case head(String)
    case malformed(line: Int, column: String)
    /// The check of the line does not follow from the lines before it.
    case altered(line: Int)
    case missing(line: Int)
    case doubled(line: Int)
    /// The head states another number of lines.
    case count(stated: Int, found: Int)
    /// The head states another sum of the white lines.
    case sum(statedFen: Int64, foundFen: Int64)
    /// The head's hash is not that of the lines.
    case hash
}

/// 结算文件 The purchases of one merchant on one day: UTF-8, tabs, each line ending with a line feed.
///
/// Head: `CCS1 merchant day count sumFen hash`, hash = SHA-256 of all that follows the head line. Lines: `lineNo`, the
/// columns of `SettlementLine`, and `check` = the first 16 hexadecimal digits of SHA-256(check before ‖ line without its
/// check), the first before being the merchant and the day: so an altered line is named, not only noticed.
package struct SettlementFile: Hashable, Sendable {
    /// Letters, digits and hyphens, 32 at most.
    package let merchant: String
    /// Eight digits.
    package let day: String
    /// In the order of the terminals' sequences.
    package let lines: [SettlementLine]

    /// Of one merchant and day.
    package init(merchant: String, day: String, lines: [SettlementLine]) {
        self.merchant = merchant
        self.day = day
        self.lines = lines
    }

    /// What counts: grey lines stand on a suspense account until they are proven (CC-1, 4.3).
    package var sumFen: Int64 { Self.sum(lines) }

    /// The bound of a file: about ten thousand lines.
    package static let sizeLimit = 2_097_152

    /// The file as it is sent.
    package var encoded: [UInt8] {
        var body = ""
        var check = Self.seed(merchant, day)
        for (index, line) in lines.enumerated() {
            let text = "\(index + 1)\t\(line.text)"
            check = Self.check(after: check, text[...])
            body += "\(text)\t\(check)\n"
        }
        let hash = Hex.encode(Digest.sha256.hash(Array(body.utf8)))
        return Array("CCS1\t\(merchant)\t\(day)\t\(lines.count)\t\(sumFen)\t\(hash)\n\(body)".utf8)
    }

    /// Reads a file strictly; the first thing that is wrong is thrown, by its line where it has one.
    package init(_ octets: [UInt8]) throws(SettlementFault) {
        guard octets.count <= Self.sizeLimit else { throw .tooLong }
        guard let text = String(validating: octets, as: UTF8.self) else { throw .notUTF8 }
        guard text.utf8.last == 0x0A, !text.utf8.contains(0x0D) else { throw .head("line feed") }
        var rows = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard let first = rows.popFirst() else { throw .head("absent") }
        let head = first.split(separator: "\t", omittingEmptySubsequences: false)
        guard head.count == 6, head[0] == "CCS1" else { throw .head("form") }
        guard Self.isName(head[1]) else { throw .head("merchant") }
        guard head[2].utf8.count == 8, PurseMoment("\(head[2])000000") != nil else { throw .head("day") }
        guard let count = Int(head[3]), String(count) == head[3], count >= 0 else { throw .head("count") }
        guard let sum = Int64(head[4]), String(sum) == head[4], sum >= 0 else { throw .head("sum") }
        merchant = String(head[1])
        day = String(head[2])
        lines = try Self.lines(rows, Self.seed(merchant, day))
        guard lines.count == count else { throw .count(stated: count, found: lines.count) }
        let found = Self.sum(lines)
        guard found == sum else { throw .sum(statedFen: sum, foundFen: found) }
        let body = Array(text.utf8.dropFirst(first.utf8.count + 1))
        guard Hex.encode(Digest.sha256.hash(body)) == head[5] else { throw .hash }
    }

    private static func lines(_ rows: ArraySlice<Substring>, _ seed: String) throws(SettlementFault) -> [SettlementLine]
    {
        var lines: [SettlementLine] = []
        var atTerminal: Set<[UInt8]> = []
        var onCard: Set<String> = []
        var check = seed
        for row in rows {
            let due = lines.count + 1
            let cells = row.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count == SettlementLine.columns.count + 2 else {
                throw .malformed(line: due, column: "columns")
            }
            guard let number = Int(cells[0]), String(number) == cells[0], number > 0 else {
                throw .malformed(line: due, column: "lineNo")
            }
            guard number >= due else { throw .doubled(line: number) }
            guard number == due else { throw .missing(line: due) }
            let text = row.dropLast(cells[cells.count - 1].count + 1)
            check = Self.check(after: check, text)
            guard check == cells[cells.count - 1] else { throw .altered(line: due) }
            let line: SettlementLine
            do throws(SettlementFault.Column) {
                line = try SettlementLine(columns: Array(cells[1..<cells.count - 1]))
            } catch { throw .malformed(line: due, column: error.name) }
            guard atTerminal.insert(line.subject.terminal + line.terminalSequence.bigEndianOctets).inserted else {
                throw .doubled(line: due)
            }
            if line.mark == .white {
                guard onCard.insert("\(line.cardNumber) \(line.sequence)").inserted else { throw .doubled(line: due) }
            }
            lines.append(line)
        }
        return lines
    }

    private static func sum(_ lines: [SettlementLine]) -> Int64 {
        lines.reduce(0) { $0 + ($1.mark == .white ? Int64($1.subject.amountFen) : 0) }
    }

    private static func seed(_ merchant: some StringProtocol, _ day: some StringProtocol) -> String {
        "\(merchant) \(day)"
    }

    private static func check(after check: String, _ line: Substring) -> String {
        String(Hex.encode(Digest.sha256.hash(Array(check.utf8) + Array(line.utf8))).prefix(16))
    }

    /// Whether a text may name a merchant.
    package static func isName(_ text: some StringProtocol) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
                    || octet == 0x2D
            }
    }
}
