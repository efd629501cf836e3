/// 账本规则 What holds of the account of a purse: entries count up by one without a gap, each balance is the one before
/// plus the amount, none is negative, and the account shows the last. Amounts are fen.
package enum PurseLedger {
    /// One line of the account.
    package struct Line: Hashable, Sendable {
        /// From 1.
        package let sequence: Int32
        /// Loads add, purchases take.
        package let deltaFen: Int64
        /// After this line.
        package let balanceFen: Int64

        /// As the database keeps it.
        package init(sequence: Int32, deltaFen: Int64, balanceFen: Int64) {
            self.sequence = sequence
            self.deltaFen = deltaFen
            self.balanceFen = balanceFen
        }
    }

    /// The first thing that does not hold, by the line's sequence.
    package enum Fault: Error, Hashable, Sendable {
        case gap(before: Int32)
        case sum(at: Int32)
        case negative(at: Int32)
        case account(shows: Int64, lines: Int64)
    }

    /// Checks the lines of one account in their order against the balance that it shows.
    package static func check(_ lines: [Line], balanceFen: Int64) throws(Fault) {
        var sequence: Int32 = 0
        var balance: Int64 = 0
        for line in lines {
            guard line.sequence == sequence + 1 else { throw .gap(before: line.sequence) }
            guard line.balanceFen == balance + line.deltaFen else { throw .sum(at: line.sequence) }
            guard line.balanceFen >= 0 else { throw .negative(at: line.sequence) }
            sequence = line.sequence
            balance = line.balanceFen
        }
        guard balance == balanceFen else { throw .account(shows: balanceFen, lines: balance) }
    }
}
