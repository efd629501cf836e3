/// The table and columns of a COPY, with the statements that belong to it.
struct CopyTarget: Sendable {
    let table: StaticString
    let columns: [StaticString]

    /// COPY takes no binds; both names come from literals and are quoted.
    var statement: String {
        let names = columns.map(\.quotedIdentifier).joined(separator: ", ")
        return "COPY \(table.quotedIdentifier) (\(names)) FROM STDIN (FORMAT binary)"
    }

    /// The columns' types from the catalogue, which every role may read, also one that may only insert.
    var typesQuery: Query {
        """
        SELECT attname::text AS name, atttypid::int8 AS oid FROM pg_catalog.pg_attribute
        WHERE attrelid = \(table.quotedIdentifier)::regclass AND attnum > 0 AND NOT attisdropped
        """
    }

    /// The columns with their types in the order of the rows.
    func resolved(_ answer: Answer) throws(DatabaseFault) -> [CopyColumn] {
        var types: [String: UInt32] = [:]
        for row in answer.rows {
            types[try row.value("name")] = UInt32(truncatingIfNeeded: try row.value("oid", as: Int64.self))
        }
        var resolved: [CopyColumn] = []
        for column in columns {
            guard let oid = types[column.description] else { throw .encode(.noColumn(column.description)) }
            resolved.append(CopyColumn(name: column.description, oid: oid))
        }
        return resolved
    }
}
