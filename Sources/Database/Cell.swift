/// One field of one row in PostgreSQL's binary form.
package struct Cell: Sendable {
    /// The column's name, for faults.
    package let column: String
    /// The column's type OID as the server stated it.
    package let oid: UInt32

    private let value: ArraySlice<UInt8>?

    init(column: String, oid: UInt32, octets: ArraySlice<UInt8>?) {
        self.column = column
        self.oid = oid
        value = octets
    }

    /// Whether the field is NULL.
    package var isNull: Bool { value == nil }

    /// Reads the field; throws `decode` when type or length do not fit.
    package func decode<Value: SQLDecodable>(
        _ type: Value.Type = Value.self
    ) throws(DatabaseFault) -> Value { try Value.decode(self) }

    /// The octets, when the type is one of those given and the length is the one given.
    package func octets(of types: [UInt32], count: Int? = nil) throws(DatabaseFault) -> ArraySlice<UInt8> {
        guard let value else { throw fault(.null) }
        guard types.contains(oid) else { throw fault(.type(oid: oid)) }
        guard count == nil || count == value.count else { throw fault(.length(value.count)) }
        return value
    }

    /// A fault that names this column.
    package func fault(_ reason: DatabaseFault.Misfit) -> DatabaseFault { .decode(column: column, reason) }
}
