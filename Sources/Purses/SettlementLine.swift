import Octets

/// 结算行 One purchase as a terminal reports it: a claim until the issuer has checked the TAC.
package struct SettlementLine: Hashable, Sendable {
    /// 灰交易 How a purchase ended at the terminal.
    package enum Mark: String, Hashable, Sendable {
        /// The card's MAC2 was right.
        case white = "WHITE"
        /// The debit was sent and its answer lost: no TAC.
        case grey = "GREY"
    }

    /// Twenty digits.
    package let cardNumber: String
    /// Amount, type and terminal.
    package let subject: PurseSubject
    /// What the card showed before.
    package let balanceBeforeFen: UInt32
    /// As INITIALIZE FOR PURCHASE showed it.
    package let sequence: UInt16
    /// Of the card's purchase key.
    package let keyVersion: UInt8
    /// Of the card's purse keys.
    package let suite: PurseSuite
    /// 终端交易序号 Counts up at the terminal, never twice.
    package let terminalSequence: UInt32
    /// By the terminal's clock.
    package let moment: PurseMoment
    /// How it ended.
    package let mark: Mark
    /// Four octets; nil for a grey line.
    package let certificate: [UInt8]?

    /// As the terminal keeps it.
    package init(
        cardNumber: String,
        subject: PurseSubject,
        balanceBeforeFen: UInt32,
        sequence: UInt16,
        keyVersion: UInt8,
        suite: PurseSuite,
        terminalSequence: UInt32,
        moment: PurseMoment,
        certificate: [UInt8]?
    ) {
        self.cardNumber = cardNumber
        self.subject = subject
        self.balanceBeforeFen = balanceBeforeFen
        self.sequence = sequence
        self.keyVersion = keyVersion
        self.suite = suite
        self.terminalSequence = terminalSequence
        self.moment = moment
        self.certificate = certificate
        mark = certificate == nil ? .grey : .white
    }

    /// The columns between line number and check, divided by tabs.
    package var text: String {
        [
            cardNumber, Hex.encode([subject.type]), String(subject.amountFen), String(balanceBeforeFen),
            String(sequence), String(keyVersion), Hex.encode([suite.rawValue]), Hex.encode(subject.terminal),
            String(terminalSequence), moment.description, mark.rawValue, certificate.map { Hex.encode($0) } ?? "-",
        ].joined(separator: "\t")
    }

    static let columns = [
        "cardNumber", "type", "amountFen", "balanceBeforeFen", "offlineSeq", "keyVersion", "alg", "terminal",
        "terminalSeq", "localTime", "mark", "tac",
    ]

    /// Reads the twelve columns; gives the name of the first that does not fit.
    package init(columns cells: [Substring]) throws(SettlementFault.Column) {
        func fault(_ index: Int) -> SettlementFault.Column { SettlementFault.Column(name: Self.columns[index]) }
        func number<Number: FixedWidthInteger>(_ index: Int) throws(SettlementFault.Column) -> Number {
            guard let value = Number(cells[index]), String(value) == cells[index] else { throw fault(index) }
            return value
        }
        func octets(_ index: Int, _ count: Int) throws(SettlementFault.Column) -> [UInt8] {
            guard let octets = try? Hex.decode(cells[index]), octets.count == count,
                Hex.encode(octets) == cells[index]
            else { throw fault(index) }
            return octets
        }
        guard cells.count == Self.columns.count else { throw SettlementFault.Column(name: "columns") }
        guard cells[0].utf8.count == 20, cells[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw fault(0)
        }
        cardNumber = String(cells[0])
        let type = try octets(1, 1)[0]
        guard type == PurseSubject.Kind.purchase.rawValue || type == PurseSubject.Kind.composite.rawValue else {
            throw fault(1)
        }
        let amount: UInt32 = try number(2)
        guard amount < 0x8000_0000 else { throw fault(2) }
        balanceBeforeFen = try number(3)
        sequence = try number(4)
        keyVersion = try number(5)
        guard let suite = PurseSuite(rawValue: try octets(6, 1)[0]) else { throw fault(6) }
        self.suite = suite
        subject = PurseSubject(amountFen: amount, type: type, terminal: try octets(7, 6))
        terminalSequence = try number(8)
        guard let moment = PurseMoment(cells[9]) else { throw fault(9) }
        self.moment = moment
        guard let mark = Mark(rawValue: String(cells[10])) else { throw fault(10) }
        self.mark = mark
        switch mark {
        case .white: certificate = try octets(11, 4)
        case .grey:
            guard cells[11] == "-" else { throw fault(11) }
            certificate = nil
        }
    }
}
