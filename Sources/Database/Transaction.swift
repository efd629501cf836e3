/// An open transaction, lent to its body. It cannot be copied or kept.
///
/// The body touches this value and pure values only: it may run again, so it has no network, no card and no key use
/// in it.
package struct Transaction: ~Copyable {
    let lease: Lease

    init(_ lease: Lease) { self.lease = lease }

    /// All rows of a statement.
    package func all(_ query: Query) async throws(DatabaseFault) -> [Row] { try await run(query).rows }

    /// The row of a statement, if there is one; throws `manyRows`.
    package func maybe(_ query: Query) async throws(DatabaseFault) -> Row? { try await run(query).maybe() }

    /// The only row of a statement; throws `noRow` or `manyRows`.
    package func one(_ query: Query) async throws(DatabaseFault) -> Row { try await run(query).one() }

    /// Runs a statement; the number of rows touched.
    @discardableResult
    package func execute(_ query: Query) async throws(DatabaseFault) -> Int { try await run(query).affected }

    private func run(_ query: Query) async throws(DatabaseFault) -> Answer {
        let deadline = lease.deadline
        return try await lease.run { connection, interrupt throws(DatabaseFault) in
            try connection.run(query, .statement, deadline: deadline, interrupt: interrupt)
        }
    }
}
