extension Bool: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.bool }

    package func encode(into octets: inout [UInt8]) { octets.append(self ? 1 : 0) }

    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Bool {
        switch try cell.octets(of: [TypeOID.bool], count: 1).first {
        case 0: false
        case 1: true
        default: throw cell.fault(.value)
        }
    }
}

extension Int16: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.int2 }

    package func encode(into octets: inout [UInt8]) { octets.appendBigEndian(self) }

    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Int16 {
        Int16(truncatingIfNeeded: try cell.integer(upTo: TypeOID.int2))
    }
}

extension Int32: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.int4 }

    package func encode(into octets: inout [UInt8]) { octets.appendBigEndian(self) }

    /// Reads `int4` and the narrower `int2`.
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Int32 {
        Int32(truncatingIfNeeded: try cell.integer(upTo: TypeOID.int4))
    }
}

extension Int64: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.int8 }

    package func encode(into octets: inout [UInt8]) { octets.appendBigEndian(self) }

    /// Reads `int8` and the narrower integers.
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Int64 { try cell.integer(upTo: TypeOID.int8) }
}

extension Int: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.int8 }

    package func encode(into octets: inout [UInt8]) { octets.appendBigEndian(Int64(self)) }

    /// Reads `int8` and the narrower integers.
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Int { Int(try Int64.decode(cell)) }
}

extension Double: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.float8 }

    package func encode(into octets: inout [UInt8]) { octets.appendBigEndian(bitPattern) }

    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Double {
        Double(bitPattern: UInt64(bigEndian: try cell.octets(of: [TypeOID.float8], count: 8)))
    }
}

extension [UInt8] {
    /// Appends an integer, most significant octet first.
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        var shift = value.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: value >> shift))
            shift -= 8
        }
    }

    /// Overwrites four octets at an offset with a length.
    mutating func patch(_ value: Int32, at offset: Int) {
        for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// Reads an integer, most significant octet first.
    init(bigEndian octets: ArraySlice<UInt8>) { self = octets.reduce(0) { $0 << 8 | Self($1) } }
}

extension Cell {
    /// A signed integer of the given type or of a narrower one: widening loses nothing, narrowing is refused.
    func integer(upTo widest: UInt32) throws(DatabaseFault) -> Int64 {
        let widths: [(oid: UInt32, count: Int)] = [(TypeOID.int2, 2), (TypeOID.int4, 4), (TypeOID.int8, 8)]
        guard let own = widths.first(where: { $0.oid == oid }), let most = widths.first(where: { $0.oid == widest }),
            own.count <= most.count
        else { throw fault(isNull ? .null : .type(oid: oid)) }
        let bits = UInt64(bigEndian: try octets(of: [oid], count: own.count))
        let spare = 64 - 8 * own.count
        return Int64(bitPattern: bits << UInt64(spare)) >> Int64(spare)
    }
}
