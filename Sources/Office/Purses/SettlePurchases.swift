import CardEngine
import Cryptography
package import Database
package import Encodings
import KeyHierarchy
import Octets
import Policies
package import Purses

/// 消费结算 Takes a merchant's file: each TAC is checked, each accepted line is taken from its account once. The same file
/// gives the same answer; lines that do not hold are named and change nothing.
package struct SettlePurchases: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "purse.settle"

    private let file: SettlementFile
    private let hash: [UInt8]

    /// The file as it was read, and as it came.
    package init(_ file: SettlementFile, octets: [UInt8]) {
        self.file = file
        hash = Digest.sha256.hash(octets)
    }

    /// What became of a line.
    package enum Verdict: String, Hashable, Sendable {
        case accepted
        /// Settled by an earlier file already, with the same values.
        case repeated
        /// Waits for a proof.
        case grey
        /// The TAC is not this card's over these values: altered, or invented.
        case tacInvalid
        /// Another purchase stands under the card's counter or the terminal's sequence.
        case duplicate
        case unknownCard
        case unknownTerminal
        /// The account has less: value that was never loaded.
        case overBalance
    }

    /// Counts, sum, and the lines that were not accepted.
    package struct Answer: WireValue {
        /// Lines of the file.
        package let lines: Int
        /// Lines that were taken from an account.
        package let accepted: Int
        /// Their sum.
        package let acceptedFen: Int64
        /// Every other line, by its number.
        package let findings: [Finding]

        /// One line that was not accepted.
        package struct Finding: Hashable, Sendable {
            /// From 1.
            package let line: Int
            /// Why.
            package let verdict: Verdict
        }

        init(lines: Int, accepted: Int, acceptedFen: Int64, findings: [Finding]) {
            self.lines = lines
            self.accepted = accepted
            self.acceptedFen = acceptedFen
            self.findings = findings
        }

        /// As it was stored.
        package init?(json: JSON) {
            guard let lines = json["lines"]?.integer, let accepted = json["accepted"]?.integer,
                let fen = json["acceptedFen"]?.integer, let items = json["findings"]?.array
            else { return nil }
            let findings = items.compactMap { item -> Finding? in
                guard let line = item["line"]?.integer,
                    let verdict = item["verdict"]?.string.flatMap(Verdict.init(rawValue:))
                else { return nil }
                return Finding(line: Int(line), verdict: verdict)
            }
            guard findings.count == items.count else { return nil }
            self.init(lines: Int(lines), accepted: Int(accepted), acceptedFen: fen, findings: findings)
        }

        package var json: JSON {
            let items = findings.map { finding -> JSON in
                ["line": .integer(Int64(finding.line)), "verdict": .string(finding.verdict.rawValue)]
            }
            return [
                "lines": .integer(Int64(lines)), "accepted": .integer(Int64(accepted)),
                "acceptedFen": .integer(acceptedFen), "findings": .array(items),
            ]
        }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        let merchant = try await transaction.maybe(
            "SELECT merchant_id FROM merchant WHERE merchant_id = \(file.merchant)"
        )
        guard merchant != nil else { throw Refusal.absent(.merchant) }
        let object = "m:\(file.merchant)/\(file.day)"
        if let answer = try await taken(in: transaction) {
            return Done(answer, Entry(object: object, detail: ["repeated": .bool(true)]))
        }
        var verdicts: [Verdict] = []
        var cards: [Int64?] = []
        for line in file.lines {
            let (verdict, card) = try await judge(line, room, in: transaction)
            verdicts.append(verdict)
            cards.append(card)
        }
        let accepted = zip(verdicts, file.lines).filter { $0.0 == .accepted }
        let sum = accepted.reduce(Int64(0)) { $0 + Int64($1.1.subject.amountFen) }
        let settlement = room.rowNumber()
        try await transaction.execute(
            """
            INSERT INTO settlement (settlement_id, merchant_id, day, file_hash, lines, accepted, accepted_fen, evidence_tx,
                received_at)
            VALUES (\(settlement), \(file.merchant), \(file.day), \(hash), \(Int32(file.lines.count)),
                \(Int32(accepted.count)), \(sum), \(room.tx), \(room.now))
            """
        )
        for (index, line) in file.lines.enumerated() {
            try await keep(line, index + 1, verdicts[index], cards[index], settlement, in: transaction)
        }
        let answer = Answer(
            lines: file.lines.count,
            accepted: accepted.count,
            acceptedFen: sum,
            findings: Self.findings(verdicts)
        )
        let entry = Entry(
            object: object,
            key: try room.keys.current("card.app.\(CardKeys.purse).tac").name.description,
            detail: ["lines": .integer(Int64(answer.lines)), "acceptedFen": .integer(sum)]
        )
        return Done(answer, entry)
    }

    private static func findings(_ verdicts: [Verdict]) -> [Answer.Finding] {
        verdicts.enumerated().filter { $0.element != .accepted }.map {
            Answer.Finding(line: $0.offset + 1, verdict: $0.element)
        }
    }

    private func taken(in transaction: borrowing Transaction) async throws -> Answer? {
        let row = try await transaction.maybe(
            "SELECT settlement_id, lines, accepted, accepted_fen FROM settlement WHERE file_hash = \(hash)"
        )
        guard let row else { return nil }
        let settlement: Int64 = try row.value("settlement_id")
        var verdicts: [Verdict] = []
        let rows = try await transaction.all(
            "SELECT verdict FROM purchase_line WHERE settlement_id = \(settlement) ORDER BY line"
        )
        for row in rows { verdicts.append(Verdict(rawValue: try row.value("verdict")) ?? .duplicate) }
        let lines: Int32 = try row.value("lines")
        let accepted: Int32 = try row.value("accepted")
        return Answer(
            lines: Int(lines),
            accepted: Int(accepted),
            acceptedFen: try row.value("accepted_fen"),
            findings: Self.findings(verdicts)
        )
    }

    /// Checks in the order: terminal, card, mark, TAC, once only, account. An accepted line is posted.
    private func judge(
        _ line: SettlementLine,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> (Verdict, Int64?) {
        let terminal = try await transaction.maybe(
            """
            SELECT 1 AS found FROM terminal
            WHERE terminal_id = \(line.subject.terminal) AND merchant_id = \(file.merchant) AND state = 1
            """
        )
        guard terminal != nil else { return (.unknownTerminal, nil) }
        let index = try room.vault.index(.cardno, kind: "cardno", line.cardNumber)
        let row = try await transaction.maybe("SELECT card_id FROM card WHERE number_bi = \(index)")
        guard let row else { return (.unknownCard, nil) }
        let card: Int64 = try row.value("card_id")
        guard let certificate = line.certificate else { return (.grey, card) }
        guard try isRight(certificate, line, room) else { return (.tacInvalid, card) }
        if let earlier = try await earlier(line, card, in: transaction) { return (earlier, card) }
        let amount = Int64(line.subject.amountFen)
        guard amount > 0, let account = try await PurseAccount.find(card, in: transaction),
            account.balanceFen >= amount
        else { return (.overBalance, card) }
        let key = "purchase:\(line.sequence):\(Hex.encode(line.subject.terminal)):\(line.terminalSequence)"
        try await PurseAccount.post("purchase", -amount, to: card, account, key: key, room, in: transaction)
        return (.accepted, card)
    }

    private func isRight(_ certificate: [UInt8], _ line: SettlementLine, _ room: ActRoom) throws -> Bool {
        let number = try Hex.decode(line.cardNumber)
        let keys = CardKeys(keys: room.keys, lot: "", city: room.city.code)
        guard line.suite == .sm4, line.keyVersion == 1 else { return false }
        let expected = try TransactionCertificate.purchase(
            line.suite,
            key: keys.key(.transactionCode, csn: [], cardNumber: number),
            terminalSequence: line.terminalSequence,
            line.subject,
            line.moment
        )
        return constantTimeEquals(expected, certificate)
    }

    /// An accepted line under the same counter of the card or the same sequence of the terminal.
    private func earlier(
        _ line: SettlementLine,
        _ card: Int64,
        in transaction: borrowing Transaction
    ) async throws -> Verdict? {
        // Under the account's lock, so that two files with one line agree on the order.
        _ = try await PurseAccount.find(card, in: transaction)
        let sequence = Int64(line.terminalSequence)
        let key = "purchase:\(line.sequence):\(Hex.encode(line.subject.terminal)):\(line.terminalSequence)"
        let posted = try await transaction.maybe(
            "SELECT delta_fen FROM purse_entry WHERE card_id = \(card) AND idem = \(key)"
        )
        if let posted {
            return try posted.value("delta_fen") == -Int64(line.subject.amountFen) ? .repeated : .duplicate
        }
        let rival = try await transaction.maybe(
            """
            SELECT 1 AS found FROM purchase_line WHERE verdict = 'accepted'
                AND ((card_id = \(card) AND offline_seq = \(Int32(line.sequence)))
                    OR (terminal_id = \(line.subject.terminal) AND terminal_seq = \(sequence))) LIMIT 1
            """
        )
        return rival == nil ? nil : .duplicate
    }

    private func keep(
        _ line: SettlementLine,
        _ number: Int,
        _ verdict: Verdict,
        _ card: Int64?,
        _ settlement: Int64,
        in transaction: borrowing Transaction
    ) async throws {
        try await transaction.execute(
            """
            INSERT INTO purchase_line (settlement_id, line, verdict, card_id, terminal_id, terminal_seq, offline_seq,
                amount_fen, balance_before, moment, tac)
            VALUES (\(settlement), \(Int32(number)), \(verdict.rawValue), \(card), \(line.subject.terminal),
                \(Int64(line.terminalSequence)), \(Int32(line.sequence)), \(Int64(line.subject.amountFen)),
                \(Int64(line.balanceBeforeFen)), \(line.moment.description), \(line.certificate))
            """
        )
    }
}
