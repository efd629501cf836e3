/// A point in time: microseconds since 1970-01-01 00:00 UTC. Travels as `timestamptz`.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01 00:00 UTC.
    package let microseconds: Int64

    /// A point in time from microseconds since 1970.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// A point in time from whole seconds since 1970.
    package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 {
        let quotient = microseconds / 1_000_000
        return microseconds % 1_000_000 < 0 ? quotient - 1 : quotient
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}

extension Timestamp: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.timestamptz }

    /// The server counts from 2000-01-01.
    private static let serverEpoch: Int64 = 946_684_800_000_000

    /// Throws `encode(.outOfRange)` for a time before the server's calendar.
    package func encode(into octets: inout [UInt8]) throws(DatabaseFault) {
        let (value, overflow) = microseconds.subtractingReportingOverflow(Timestamp.serverEpoch)
        guard !overflow, value != .max, value != .min else { throw .encode(.outOfRange) }
        octets.appendBigEndian(value)
    }

    /// `infinity` and `-infinity` are refused.
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Timestamp {
        let octets = try cell.octets(of: [TypeOID.timestamptz], count: 8)
        let value = Int64(bitPattern: UInt64(bigEndian: octets))
        let (microseconds, overflow) = value.addingReportingOverflow(serverEpoch)
        guard !overflow, value != .max, value != .min else { throw cell.fault(.value) }
        return Timestamp(microseconds: microseconds)
    }
}
