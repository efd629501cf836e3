/// One row on its way into COPY BINARY: values are written in the order of the columns, straight into the buffer.
package struct CopyRow {
    private(set) var octets: [UInt8] = []
    private var fields = 0
    private var start = 0
    private let columns: [CopyColumn]

    init(columns: [CopyColumn]) { self.columns = columns }

    /// Writes the next value; nil is NULL. Throws `encode` when the column has another type or there is no such column.
    package mutating func append<Value: SQLEncodable>(_ value: Value?) throws(DatabaseFault) { try write(value) }

    // The same for the commonest types: here the compiler makes code of their own for them, which it cannot across
    // modules.

    /// Writes `bytea`.
    package mutating func append(_ value: [UInt8]?) throws(DatabaseFault) { try write(value) }
    /// Writes `text`.
    package mutating func append(_ value: String?) throws(DatabaseFault) { try write(value) }
    /// Writes `int2`.
    package mutating func append(_ value: Int16?) throws(DatabaseFault) { try write(value) }
    /// Writes `int4`.
    package mutating func append(_ value: Int32?) throws(DatabaseFault) { try write(value) }
    /// Writes `int8`.
    package mutating func append(_ value: Int64?) throws(DatabaseFault) { try write(value) }
    /// Writes `timestamptz`.
    package mutating func append(_ value: Timestamp?) throws(DatabaseFault) { try write(value) }

    private mutating func write<Value: SQLEncodable>(_ value: Value?) throws(DatabaseFault) {
        guard fields < columns.count else {
            throw .encode(.columnCount(expected: columns.count, found: fields + 1))
        }
        guard columns[fields].accepts(Value.oid) else {
            let column = columns[fields]
            throw .encode(.columnType(column: column.name, expected: column.oid, found: Value.oid))
        }
        fields += 1
        guard let value else { return octets.appendBigEndian(Int32(-1)) }
        let length = octets.count
        octets.appendBigEndian(Int32(0))
        try value.encode(into: &octets)
        octets.patch(Int32(octets.count - length - 4), at: length)
    }

    /// The head of the stream: signature, no flags, no extension.
    mutating func begin() {
        octets += [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00, 0, 0, 0, 0, 0, 0, 0, 0]
    }

    /// Opens a row.
    mutating func beginRow() {
        start = octets.count
        fields = 0
        octets.appendBigEndian(Int16(columns.count))
    }

    /// Takes the opened row away again.
    mutating func dropRow() { octets.removeLast(octets.count - start) }

    /// Closes a row; throws `encode(.columnCount)` when a value is missing.
    func endRow() throws(DatabaseFault) {
        guard fields == columns.count else {
            throw .encode(.columnCount(expected: columns.count, found: fields))
        }
    }

    /// The end of the stream.
    mutating func end() { octets.appendBigEndian(Int16(-1)) }

    /// Empties the buffer and keeps its memory.
    mutating func clear() { octets.removeAll(keepingCapacity: true) }
}
