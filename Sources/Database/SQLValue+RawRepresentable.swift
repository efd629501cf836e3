/// An enum or an identifier of its own type travels as its raw value: `enum CardState: Int16, SQLEncodable, SQLDecodable`.
extension SQLEncodable where Self: RawRepresentable, RawValue: SQLEncodable {
    package static var oid: UInt32 { RawValue.oid }

    package func encode(into octets: inout [UInt8]) throws(DatabaseFault) { try rawValue.encode(into: &octets) }
}

extension SQLDecodable where Self: RawRepresentable, RawValue: SQLDecodable {
    /// A raw value that the type does not have is a fault.
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Self {
        guard let value = Self(rawValue: try RawValue.decode(cell)) else { throw cell.fault(.value) }
        return value
    }
}
