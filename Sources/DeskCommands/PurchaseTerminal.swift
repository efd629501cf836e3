import CardEngine
import Encodings
import FoundationEssentials
import Octets
import Purses

/// 消费终端 A merchant's terminal with a software PSAM: its file and, beside it, the journal of what it has sent.
///
/// The journal has a line an event: `GREY random line`, `WHITE - line`, `VOID - line`, divided by tabs. A grey line is on
/// disk before DEBIT leaves. One program works on a terminal at a time.
struct PurchaseTerminal {
    /// The file or its journal is malformed.
    struct Fault: Error { let path: String }

    let terminal: [UInt8]
    let merchant: String
    let issuerCode: [UInt8]
    private let key: [UInt8]
    private let journal: String
    private var rows: [(word: String, random: [UInt8], line: SettlementLine)] = []

    /// Reads the terminal's file and its journal.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path), let json = try? JSONReader.read(Array(data)),
            json["version"]?.integer == 1, let terminal = json["terminal"]?.string.flatMap({ try? Hex.decode($0) }),
            let merchant = json["merchant"]?.string, let code = json["issuerCode"]?.string.flatMap({ CC1.bcd($0) }),
            let key = json["purchaseKey"]?.string.flatMap({ try? Hex.decode($0) }), terminal.count == 6, key.count == 16
        else { throw Fault(path: path) }
        self.terminal = terminal
        self.merchant = merchant
        self.key = key
        issuerCode = code
        journal = "\(path).journal"
        guard let kept = FileManager.default.contents(atPath: journal) else { return }
        for row in String(decoding: kept, as: UTF8.self).split(separator: "\n") {
            let cells = row.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count > 2, let line = try? SettlementLine(columns: Array(cells.dropFirst(2))) else {
                throw Fault(path: journal)
            }
            rows.append((String(cells[0]), (try? Hex.decode(cells[1])) ?? [], line))
        }
    }

    /// 终端交易序号 The next one: never one that was ever sent.
    var nextSequence: UInt32 { (rows.map(\.line.terminalSequence).max() ?? 0) + 1 }

    /// The newest grey line that nothing has settled.
    var pending: PursePurchase.Grey? {
        guard let last = standing.last(where: { $0.word == "GREY" }) else { return nil }
        return PursePurchase.Grey(line: last.line, random: last.random)
    }

    /// What a settlement file tells: the last word on each sequence, void ones left out.
    func settlement(day: String?) -> SettlementFile {
        let kept = standing.filter { $0.word != "VOID" && (day == nil || $0.line.moment.day == day) }
        let day = day ?? kept.last?.line.moment.day ?? "20000101"
        return SettlementFile(merchant: merchant, day: day, lines: kept.map(\.line))
    }

    /// Writes an event down before anything follows from it.
    mutating func keep(_ word: String, _ line: SettlementLine, random: [UInt8] = []) throws {
        rows.append((word, random, line))
        let text = rows.map { "\($0.word)\t\($0.random.isEmpty ? "-" : Hex.encode($0.random))\t\($0.line.text)\n" }
        do {
            try Data(text.joined().utf8).write(to: URL(filePath: journal), options: [.atomic])
        } catch { throw Fault(path: journal) }
    }

    /// A machine for one purchase.
    func machine(amountFen: UInt32, moment: PurseMoment) -> PursePurchase {
        PursePurchase(
            amountFen: amountFen,
            terminal: terminal,
            terminalSequence: nextSequence,
            moment: moment,
            issuerCode: issuerCode,
            cityKey: SecretOctets(copying: key),
            pending: pending
        )
    }

    private var standing: [(word: String, random: [UInt8], line: SettlementLine)] {
        var last: [UInt32: Int] = [:]
        for (index, row) in rows.enumerated() { last[row.line.terminalSequence] = index }
        return last.values.sorted().map { rows[$0] }.sorted { $0.line.terminalSequence < $1.line.terminalSequence }
    }
}
