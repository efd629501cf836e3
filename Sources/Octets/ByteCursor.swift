/// Reads an octet string from the front, big-endian, never past its end.
///
/// Every fault names the field that was wanted and the offset where it should have begun. A reader of a whole
/// message ends with `finish()`, so that trailing octets cannot be forgotten.
package struct ByteCursor {
    /// Why a read failed.
    package enum Fault: Error, Hashable, Sendable {
        case truncated(field: String, offset: Int)
        case leftOver(offset: Int)
    }

    private let octets: ArraySlice<UInt8>
    private var position: Int

    /// A cursor before the first octet.
    package init(_ octets: some Collection<UInt8>) {
        self.octets = ArraySlice(Array(octets))
        position = 0
    }

    /// The offset of the next octet, from 0.
    package var offset: Int { position }

    /// How many octets are left.
    package var remaining: Int { octets.count - position }

    /// The next octet without taking it; nil at the end.
    package var peek: UInt8? { remaining > 0 ? octets[octets.startIndex + position] : nil }

    /// Takes `count` octets.
    package mutating func take(_ count: Int, _ field: String) throws(Fault) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw .truncated(field: field, offset: position) }
        let start = octets.startIndex + position
        position += count
        return Array(octets[start..<start + count])
    }

    /// Takes one octet.
    package mutating func uint8(_ field: String) throws(Fault) -> UInt8 { try take(1, field)[0] }

    /// Takes two octets, big-endian.
    package mutating func uint16(_ field: String) throws(Fault) -> UInt16 {
        try take(2, field).reduce(0) { $0 << 8 | UInt16($1) }
    }

    /// Takes four octets, big-endian.
    package mutating func uint32(_ field: String) throws(Fault) -> UInt32 {
        try take(4, field).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Takes eight octets, big-endian.
    package mutating func uint64(_ field: String) throws(Fault) -> UInt64 {
        try take(8, field).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Takes all that is left.
    package mutating func rest() -> [UInt8] {
        let start = octets.startIndex + position
        position = octets.count
        return Array(octets[start...])
    }

    /// Throws `leftOver` unless every octet was taken.
    package func finish() throws(Fault) {
        guard remaining == 0 else { throw .leftOver(offset: position) }
    }
}

extension FixedWidthInteger {
    /// The value's octets, most significant first.
    @inlinable
    package var bigEndianOctets: [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(Self.bitWidth / 8)
        var shift = Self.bitWidth - 8
        while shift >= 0 {
            octets.append(UInt8(truncatingIfNeeded: self >> shift))
            shift -= 8
        }
        return octets
    }
}
