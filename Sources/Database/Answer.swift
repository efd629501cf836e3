/// What the server answered to one statement, copied out of libpq's memory: one buffer for all fields.
final class Answer: Sendable {
    struct Column: Sendable {
        let name: String
        let oid: UInt32
    }

    let columns: [Column]
    /// The rows a write has touched, from the command tag; for a SELECT the rows returned.
    let affected: Int
    /// The command tag, such as `COMMIT` or `INSERT 0 1`.
    let tag: String
    let rowCount: Int

    private let octets: [UInt8]
    // Start and end of each field, row by row; -1 for NULL.
    private let bounds: [(start: Int, end: Int)]

    init(
        columns: [Column],
        rowCount: Int,
        octets: [UInt8],
        bounds: [(start: Int, end: Int)],
        affected: Int,
        tag: String
    ) {
        self.columns = columns
        self.rowCount = rowCount
        self.octets = octets
        self.bounds = bounds
        self.affected = affected
        self.tag = tag
    }

    var rows: [Row] { (0..<rowCount).map { Row(answer: self, index: $0) } }

    /// At most one row; throws `manyRows`.
    func maybe() throws(DatabaseFault) -> Row? {
        guard rowCount <= 1 else { throw .manyRows(rowCount) }
        return rowCount == 1 ? Row(answer: self, index: 0) : nil
    }

    /// Exactly one row; throws `noRow` or `manyRows`.
    func one() throws(DatabaseFault) -> Row {
        guard let row = try maybe() else { throw .noRow }
        return row
    }

    func cell(row: Int, column: Int) -> Cell {
        let (start, end) = bounds[row * columns.count + column]
        return Cell(
            column: columns[column].name,
            oid: columns[column].oid,
            octets: start < 0 ? nil : octets[start..<end]
        )
    }
}
