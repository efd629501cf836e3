package import Octets

/// 交易要素 amount(4) ‖ type(1) ‖ terminal(6): the middle of every code of a purse.
package struct PurseSubject: Hashable, Sendable {
    /// 交易类型 The types that CC-1 knows.
    package enum Kind: UInt8, Hashable, Sendable {
        case load = 0x02
        case purchase = 0x06
        /// 复合应用消费 Transit with entry and exit.
        case composite = 0x09
    }

    /// In fen.
    package let amountFen: UInt32
    /// As the card puts it into its codes.
    package let type: UInt8
    /// 终端机编号 Six octets.
    package let terminal: [UInt8]

    /// A wrong terminal length is the caller's mistake.
    package init(amountFen: UInt32, type: UInt8, terminal: [UInt8]) {
        precondition(terminal.count == 6, "a terminal's number has six octets")
        self.amountFen = amountFen
        self.type = type
        self.terminal = terminal
    }

    /// One of the types of CC-1.
    package init(_ kind: Kind, amountFen: UInt32, terminal: [UInt8]) {
        self.init(amountFen: amountFen, type: kind.rawValue, terminal: terminal)
    }

    /// Eleven octets.
    package var octets: [UInt8] { amountFen.bigEndianOctets + [type] + terminal }
}

/// 交易时刻 date(4) ‖ time(3) in BCD, as the terminal's clock shows it.
package struct PurseMoment: Hashable, Sendable, CustomStringConvertible {
    /// Seven octets.
    package let octets: [UInt8]

    /// Of a point in time.
    package init(_ time: CivilTime) {
        let parts = [time.year / 100, time.year % 100, time.month, time.day, time.hour, time.minute, time.second]
        octets = parts.map { UInt8(truncatingIfNeeded: $0 / 10 << 4 | $0 % 10) }
    }

    /// Fourteen digits of a date and a time that exist; nil otherwise.
    package init?(_ digits: some StringProtocol) {
        guard digits.utf8.count == 14, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let octets = try? Hex.decode(digits)
        else { return nil }
        let number = octets.map { Int($0 >> 4) * 10 + Int($0 & 15) }
        guard CivilTime.days(year: number[0] * 100 + number[1], month: number[2], day: number[3]) != nil,
            number[4] < 24, number[5] < 60, number[6] < 60
        else { return nil }
        self.octets = octets
    }

    /// Eight digits.
    package var day: String { String(description.prefix(8)) }
    package var description: String { Hex.encode(octets) }
}
