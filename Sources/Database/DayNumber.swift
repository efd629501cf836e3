/// A calendar day without a time zone: days since 1970-01-01. Travels as `date`.
package struct DayNumber: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01; earlier days are negative.
    package let days: Int32

    /// A day from its distance to 1970-01-01.
    package init(days: Int32) { self.days = days }

    package static func < (left: DayNumber, right: DayNumber) -> Bool { left.days < right.days }
}

extension DayNumber: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.date }

    /// The server counts from 2000-01-01.
    private static let serverEpoch: Int32 = 10_957

    /// Throws `encode(.outOfRange)` for a day that four octets do not hold.
    package func encode(into octets: inout [UInt8]) throws(DatabaseFault) {
        let (value, overflow) = days.subtractingReportingOverflow(DayNumber.serverEpoch)
        guard !overflow, value != .max, value != .min else { throw .encode(.outOfRange) }
        octets.appendBigEndian(value)
    }

    /// `infinity` and `-infinity` are refused.
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> DayNumber {
        let value = Int32(bitPattern: UInt32(bigEndian: try cell.octets(of: [TypeOID.date], count: 4)))
        let (days, overflow) = value.addingReportingOverflow(serverEpoch)
        guard !overflow, value != .max, value != .min else { throw cell.fault(.value) }
        return DayNumber(days: days)
    }
}
