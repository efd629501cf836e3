package import FoundationEssentials

/// A type whose Swift array is one SQL value: `bytea` for octets, an array for the others.
///
/// An array bind is one `$n`, made for `= ANY(\(ids))`; it never becomes a list of placeholders.
package protocol SQLArrayElement: Sendable {
    /// The OID of the whole array.
    static var arrayOID: UInt32 { get }

    /// Appends the binary form of the whole array.
    static func encodeArray(_ elements: [Self], into octets: inout [UInt8]) throws(DatabaseFault)

    /// Reads the whole array.
    static func decodeArray(_ cell: Cell) throws(DatabaseFault) -> [Self]
}

extension Array: SQLEncodable where Element: SQLArrayElement {
    package static var oid: UInt32 { Element.arrayOID }

    package func encode(into octets: inout [UInt8]) throws(DatabaseFault) {
        try Element.encodeArray(self, into: &octets)
    }
}

extension Array: SQLDecodable where Element: SQLArrayElement {
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> [Element] { try Element.decodeArray(cell) }
}

extension UInt8: SQLArrayElement {
    package static var arrayOID: UInt32 { TypeOID.bytea }

    package static func encodeArray(_ elements: [UInt8], into octets: inout [UInt8]) { octets += elements }

    package static func decodeArray(_ cell: Cell) throws(DatabaseFault) -> [UInt8] {
        Array(try cell.octets(of: [TypeOID.bytea]))
    }
}

extension Int64: SQLArrayElement { package static var arrayOID: UInt32 { TypeOID.int8Array } }
extension Int: SQLArrayElement { package static var arrayOID: UInt32 { TypeOID.int8Array } }
extension Int32: SQLArrayElement { package static var arrayOID: UInt32 { TypeOID.int4Array } }
extension String: SQLArrayElement { package static var arrayOID: UInt32 { TypeOID.textArray } }
extension UUID: SQLArrayElement { package static var arrayOID: UInt32 { TypeOID.uuidArray } }
extension Array: SQLArrayElement where Element == UInt8 {
    package static var arrayOID: UInt32 { TypeOID.byteaArray }
}

extension SQLArrayElement where Self: SQLEncodable & SQLDecodable {
    /// One dimension from 1: dimensions, null flag, element OID, length, lower bound, then each element with length.
    package static func encodeArray(_ elements: [Self], into octets: inout [UInt8]) throws(DatabaseFault) {
        octets.appendBigEndian(Int32(elements.isEmpty ? 0 : 1))
        octets.appendBigEndian(Int32(0))
        octets.appendBigEndian(oid)
        guard !elements.isEmpty else { return }
        octets.appendBigEndian(Int32(elements.count))
        octets.appendBigEndian(Int32(1))
        for element in elements {
            let start = octets.count
            octets.appendBigEndian(Int32(0))
            try element.encode(into: &octets)
            octets.patch(Int32(octets.count - start - 4), at: start)
        }
    }

    /// Refuses more than one dimension and NULL elements.
    package static func decodeArray(_ cell: Cell) throws(DatabaseFault) -> [Self] {
        var reader = ArrayReader(cell: cell, rest: try cell.octets(of: [arrayOID]))
        let dimensions = try reader.int32()
        _ = try reader.int32()
        let elementOID = UInt32(bitPattern: try reader.int32())
        guard dimensions <= 1, dimensions >= 0 else { throw cell.fault(.value) }
        guard dimensions == 1 else { return [] }
        let count = try reader.int32()
        _ = try reader.int32()
        var elements: [Self] = []
        for _ in 0..<max(count, 0) {
            let octets = try reader.take(Int(try reader.int32()))
            elements.append(try Self.decode(Cell(column: cell.column, oid: elementOID, octets: octets)))
        }
        guard reader.rest.isEmpty else { throw cell.fault(.length(reader.rest.count)) }
        return elements
    }
}

/// Walks through the binary form of an array, never past its end.
private struct ArrayReader {
    let cell: Cell
    var rest: ArraySlice<UInt8>

    mutating func take(_ count: Int) throws(DatabaseFault) -> ArraySlice<UInt8> {
        guard count >= 0 else { throw cell.fault(.null) }
        guard count <= rest.count else { throw cell.fault(.length(rest.count)) }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func int32() throws(DatabaseFault) -> Int32 {
        Int32(bitPattern: UInt32(bigEndian: try take(4)))
    }
}
