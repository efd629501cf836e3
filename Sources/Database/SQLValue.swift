/// A value that can be sent as a bind: PostgreSQL's binary form together with its type OID.
///
/// The OID always travels with the value: without it eight octets for an `int4` column are refused by the server,
/// or worse, read as something else.
package protocol SQLEncodable: Sendable {
    /// The type OID under which the octets are sent.
    static var oid: UInt32 { get }

    /// Appends the binary form, without a length in front. Throws `encode` for what the server could not store.
    func encode(into octets: inout [UInt8]) throws(DatabaseFault)
}

/// A value that can be read from a cell; checks type OID and length.
package protocol SQLDecodable: Sendable {
    /// Reads the cell. Throws `decode`.
    static func decode(_ cell: Cell) throws(DatabaseFault) -> Self
}

/// A value that may stand in both directions.
package typealias SQLValue = SQLEncodable & SQLDecodable

extension Optional: SQLDecodable where Wrapped: SQLDecodable {
    /// NULL is nil.
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> Wrapped? {
        cell.isNull ? nil : try Wrapped.decode(cell)
    }
}
