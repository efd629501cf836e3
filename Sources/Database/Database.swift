import Octets

/// A PostgreSQL database: worker threads with one connection each, and a bounded queue before them.
///
/// All members may be called from any task; none blocks a shared thread. Every member throws `DatabaseFault`.
package final class Database: Sendable {
    let settings: DatabaseSettings
    let queue: JobQueue
    /// The listeners whose streams are in use; they end with the database.
    let listeners = Lock<[Listener]>([])
    private let running: Monitor<Int>

    private init(_ settings: DatabaseSettings) {
        self.settings = settings
        queue = JobQueue(limit: settings.queueLimit)
        running = Monitor(0)
    }

    deinit {
        queue.close()
        stopListeners()
    }

    /// Starts the workers and asks the server one question; throws `connection` when nobody answers.
    package static func open(_ settings: DatabaseSettings) async throws(DatabaseFault) -> Database {
        let database = Database(settings)
        for _ in 0..<max(settings.connections, 1) { try database.startWorker() }
        do throws(DatabaseFault) {
            _ = try await database.one("SELECT 1")
        } catch {
            database.queue.close()
            throw error
        }
        return database
    }

    /// Lets no more jobs in, finishes those that wait, ends the listeners and closes the connections.
    package func close() async {
        queue.close()
        stopListeners()
        let running = running
        // Waiting blocks, so it has a thread of its own.
        _ = try? await SystemThread.run { () throws(DatabaseFault) -> Bool in
            running.wait { $0 == 0 ? true : nil } ?? false
        }
    }

    /// The jobs that wait for a worker now.
    package var waitingJobs: Int { queue.count }

    /// All rows of a look-up. It may share a batch with others; the server refuses it to write.
    package func all(
        _ query: Query,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(DatabaseFault) -> [Row] { try await batched(query, .reads, deadline).rows }

    /// The row of a look-up, if there is one; throws `manyRows`.
    package func maybe(
        _ query: Query,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(DatabaseFault) -> Row? { try await batched(query, .reads, deadline).maybe() }

    /// The only row of a look-up; throws `noRow` or `manyRows`.
    package func one(
        _ query: Query,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(DatabaseFault) -> Row { try await batched(query, .reads, deadline).one() }

    /// Inserts in a batch with others: for independent inserts that may be repeated (`ON CONFLICT DO NOTHING`).
    /// Returns after the batch is committed; throws `commitUnknown` when that is not known.
    package func append(_ query: Query, deadline: ContinuousClock.Instant? = nil) async throws(DatabaseFault) {
        _ = try await batched(query, .appends, deadline)
    }

    /// Runs one writing statement as its own transaction; the number of rows touched.
    ///
    /// A connection lost, or a deadline passed, while it is under way is `commitUnknown`.
    @discardableResult
    package func execute(
        _ query: Query,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(DatabaseFault) -> Int { try await autocommit(query, deadline).affected }

    /// Runs one guarded writing statement with RETURNING as its own transaction; its rows.
    package func returning(
        _ query: Query,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(DatabaseFault) -> [Row] { try await autocommit(query, deadline).rows }

    /// The deadline of a job that may name none.
    func limit(_ deadline: ContinuousClock.Instant?) -> ContinuousClock.Instant {
        deadline ?? .now + settings.defaultDeadline
    }

    private func autocommit(
        _ query: Query,
        _ deadline: ContinuousClock.Instant?
    ) async throws(DatabaseFault) -> Answer {
        let deadline = limit(deadline)
        return try await exclusive(deadline) { connection throws(DatabaseFault) in
            try connection.run(query, .commit, deadline: deadline)
        }
    }

    private func batched(
        _ query: Query,
        _ kind: Connection.BatchKind,
        _ deadline: ContinuousClock.Instant?
    ) async throws(DatabaseFault) -> Answer {
        let deadline = limit(deadline)
        return try await submit { reply, interrupt throws(DatabaseFault) in
            try queue.put(
                StatementJob(query: query, kind: kind, deadline: deadline, interrupt: interrupt, reply: reply)
            )
        }
    }

    /// Runs work on a worker's thread with a connection for itself.
    func exclusive<Value: Sendable>(
        _ deadline: ContinuousClock.Instant,
        _ work: @escaping @Sendable (Connection) throws(DatabaseFault) -> Value
    ) async throws(DatabaseFault) -> Value {
        try await submit { reply, interrupt throws(DatabaseFault) in
            try queue.put(
                ExclusiveJob(deadline: deadline, interrupt: interrupt) { loan in
                    do throws(DatabaseFault) { reply.answer(.success(try work(try loan.get()))) } catch {
                        reply.answer(.failure(error))
                    }
                }
            )
        }
    }

    /// Puts a job into the queue and waits for its answer; a cancellation takes it out again where it has not begun.
    func submit<Value: Sendable>(
        _ enqueue: (Reply<Value>, Interrupt) throws(DatabaseFault) -> Void
    ) async throws(DatabaseFault) -> Value {
        let interrupt = Interrupt()
        let reply = Reply<Value>()
        let outcome = await withTaskCancellationHandler {
            do throws(DatabaseFault) { try enqueue(reply, interrupt) } catch { reply.answer(.failure(error)) }
            return await reply.outcome()
        } onCancel: {
            if interrupt.cancel() { reply.answer(.failure(.cancelled)) }
        }
        return try outcome.get()
    }

    private func stopListeners() { listeners.with { $0 }.forEach { $0.stop() } }

    private func startWorker() throws(DatabaseFault) {
        let wake = try WakePipe()
        let settings = settings
        let queue = queue
        let running = running
        running.change { $0 += 1 }
        do throws(DatabaseFault) {
            try SystemThread.start {
                Worker(settings, queue, wake: wake).run()
                running.change { $0 -= 1 }
            }
        } catch {
            running.change { $0 -= 1 }
            throw error
        }
    }
}
