extension Database {
    /// Loads rows by COPY BINARY in a transaction of its own; the number of rows.
    ///
    /// The closure writes one row a call into the `CopyRow` and returns false when there are no more. It runs on the
    /// worker's thread and must not call this database. What it throws comes out, and nothing stays.
    /// A long load needs a deadline of its own.
    @discardableResult
    package func copyIn(
        _ table: StaticString,
        columns: [StaticString],
        deadline: ContinuousClock.Instant? = nil,
        next: sending @escaping (inout CopyRow) throws -> Bool
    ) async throws -> Int {
        let source = CopySource(next)
        return try await transaction(retries: 0, deadline: deadline) { transaction in
            try await transaction.copyIn(table, columns: columns, source)
        }
    }

    /// Loads the elements of a sequence by COPY BINARY in a transaction of its own; the number of rows.
    @discardableResult
    package func copyIn<Rows: Sequence>(
        _ table: StaticString,
        columns: [StaticString],
        rows: sending Rows,
        deadline: ContinuousClock.Instant? = nil,
        encode: @escaping @Sendable (Rows.Element, inout CopyRow) throws -> Void
    ) async throws -> Int {
        let source = CopySource(rows, encode)
        return try await transaction(retries: 0, deadline: deadline) { transaction in
            try await transaction.copyIn(table, columns: columns, source)
        }
    }
}

extension Transaction {
    /// Loads rows by COPY BINARY inside this transaction; the number of rows. See `Database.copyIn`.
    @discardableResult
    package func copyIn(
        _ table: StaticString,
        columns: [StaticString],
        next: sending @escaping (inout CopyRow) throws -> Bool
    ) async throws -> Int { try await copyIn(table, columns: columns, CopySource(next)) }

    /// Loads the elements of a sequence by COPY BINARY inside this transaction; the number of rows.
    @discardableResult
    package func copyIn<Rows: Sequence>(
        _ table: StaticString,
        columns: [StaticString],
        rows: sending Rows,
        encode: @escaping @Sendable (Rows.Element, inout CopyRow) throws -> Void
    ) async throws -> Int { try await copyIn(table, columns: columns, CopySource(rows, encode)) }

    func copyIn(_ table: StaticString, columns: [StaticString], _ source: CopySource) async throws -> Int {
        let target = CopyTarget(table: table, columns: columns)
        let deadline = lease.deadline
        let result: Result<Int, any Error> = try await lease.run { connection, interrupt throws(DatabaseFault) in
            Result { try connection.copy(target, deadline: deadline, interrupt: interrupt, next: source.next) }
        }
        return try result.get()
    }
}
