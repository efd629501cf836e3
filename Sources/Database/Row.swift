/// One row of an answer. It shares the answer's memory with its sisters.
package struct Row: Sendable {
    private let answer: Answer
    private let index: Int

    init(answer: Answer, index: Int) {
        self.answer = answer
        self.index = index
    }

    /// The value of a named column; ask for an optional where NULL may stand. Throws `decode`.
    package func value<Value: SQLDecodable>(
        _ column: String,
        as type: Value.Type = Value.self
    ) throws(DatabaseFault) -> Value { try cell(column).decode(type) }

    /// The value at a position from 0. Throws `decode`.
    package func value<Value: SQLDecodable>(
        at position: Int,
        as type: Value.Type = Value.self
    ) throws(DatabaseFault) -> Value { try cell(at: position).decode(type) }

    /// The field of a named column; throws `decode(…, .noColumn)`.
    package func cell(_ column: String) throws(DatabaseFault) -> Cell {
        guard let position = answer.columns.firstIndex(where: { $0.name == column }) else {
            throw .decode(column: column, .noColumn)
        }
        return answer.cell(row: index, column: position)
    }

    /// The field at a position from 0; throws `decode(…, .noColumn)`.
    package func cell(at position: Int) throws(DatabaseFault) -> Cell {
        guard answer.columns.indices.contains(position) else { throw .decode(column: "\(position)", .noColumn) }
        return answer.cell(row: index, column: position)
    }

    /// The names of the columns in their order.
    package var columns: [String] { answer.columns.map(\.name) }
}
