extension Database {
    /// Runs the body in a transaction: COMMIT when it returns, ROLLBACK when it throws.
    ///
    /// On 40001 and 40P01 the whole body runs again, at most `retries` times, inside the deadline. Throws what the
    /// body throws, or a `DatabaseFault`; `commitUnknown` when the connection was lost in COMMIT.
    @discardableResult
    package func transaction<Value>(
        isolation: Isolation = .readCommitted,
        access: TransactionAccess = .readWrite,
        retries: Int = 8,
        deadline: ContinuousClock.Instant? = nil,
        _ body: (borrowing Transaction) async throws -> Value
    ) async throws -> Value {
        let deadline = limit(deadline)
        var attempt = 0
        while true {
            do {
                return try await attemptTransaction(isolation, access, deadline, body)
            } catch let fault as DatabaseFault where fault.mayBeRetried && attempt < retries {
                attempt += 1
                let most = min(200_000, 2_000 << min(attempt, 10))
                let pause = Duration.microseconds(Int.random(in: 0...most))
                guard ContinuousClock.now + pause < deadline else { throw fault }
                do { try await Task.sleep(for: pause) } catch { throw DatabaseFault.cancelled }
            }
        }
    }

    private func attemptTransaction<Value>(
        _ isolation: Isolation,
        _ access: TransactionAccess,
        _ deadline: ContinuousClock.Instant,
        _ body: (borrowing Transaction) async throws -> Value
    ) async throws -> Value {
        let lease = try await lend("BEGIN ISOLATION LEVEL \(isolation.rawValue), \(access.rawValue)", deadline)
        defer { lease.end() }
        let value: Value
        do {
            value = try await body(Transaction(lease))
        } catch {
            await rollBack(lease)
            throw error
        }
        try await commit(lease, access)
        return value
    }

    /// Waits for a worker that lends its connection, the transaction begun.
    private func lend(
        _ begin: String,
        _ deadline: ContinuousClock.Instant
    ) async throws(DatabaseFault) -> Lease {
        try await submit { reply, interrupt throws(DatabaseFault) in
            try queue.put(
                ExclusiveJob(deadline: deadline, interrupt: interrupt) { loan in
                    do throws(DatabaseFault) {
                        let connection = try loan.get()
                        try connection.simple(begin, .statement, deadline: deadline)
                        let lease = Lease(deadline: deadline)
                        reply.answer(.success(lease))
                        lease.serve(on: connection)
                    } catch { reply.answer(.failure(error)) }
                }
            )
        }
    }

    /// The fault of COMMIT stands apart from that of the body: only so is `commitUnknown` sound.
    private func commit(_ lease: Lease, _ access: TransactionAccess) async throws(DatabaseFault) {
        let phase: Connection.Phase = access == .readOnly ? .statement : .commit
        try await lease.runToTheEnd { connection throws(DatabaseFault) in
            guard !connection.isInFailedTransaction else {
                // The body has swallowed a refusal; the server would answer COMMIT with ROLLBACK.
                _ = try connection.simple("ROLLBACK", .statement, deadline: .now + .seconds(2))
                throw connection.lastRefusal ?? .transactionEnded
            }
            let answer = try connection.simple("COMMIT", phase, deadline: lease.deadline)
            try connection.checkNotices()
            guard answer.tag == "COMMIT" else { throw .transactionEnded }
        }
    }

    /// A connection that cannot even roll back is given up: the server then rolls back by itself.
    private func rollBack(_ lease: Lease) async {
        _ = try? await lease.runToTheEnd { connection throws(DatabaseFault) in
            do throws(DatabaseFault) {
                _ = try connection.simple("ROLLBACK", .statement, deadline: .now + .seconds(2))
            } catch { connection.isSpoilt = true }
        }
    }
}
