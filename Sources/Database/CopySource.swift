/// The rows of one COPY, handed from the caller to the worker's thread.
final class CopySource: @unchecked Sendable {
    // Given away by the caller (`sending`), called by one worker's thread alone.
    let next: (inout CopyRow) throws -> Bool

    init(_ next: sending @escaping (inout CopyRow) throws -> Bool) { self.next = next }

    init<Rows: Sequence>(
        _ rows: sending Rows,
        _ encode: @escaping @Sendable (Rows.Element, inout CopyRow) throws -> Void
    ) {
        var iterator = rows.makeIterator()
        next = { row in
            guard let element = iterator.next() else { return false }
            try encode(element, &row)
            return true
        }
    }
}
