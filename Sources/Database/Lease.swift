/// A connection lent by a worker to one transaction. The body's statements are errands that the worker's thread runs.
final class Lease: Sendable {
    private typealias Errand = @Sendable (Result<Connection, DatabaseFault>) -> Void

    private struct State {
        var errands: [Errand] = []
        var fault: DatabaseFault?
    }

    let deadline: ContinuousClock.Instant
    private let monitor = Monitor(State())

    init(deadline: ContinuousClock.Instant) { self.deadline = deadline }

    /// The worker's side: blocks until the lease is over or its deadline has passed.
    func serve(on connection: Connection) {
        while true {
            let next: Errand?? = monitor.wait(until: deadline) { state in
                if !state.errands.isEmpty { return .some(state.errands.removeFirst()) }
                return state.fault == nil ? nil : .some(nil)
            }
            guard let next else {
                // The body takes too long: the connection goes, and with it the transaction.
                connection.isSpoilt = true
                return end(.timeout)
            }
            guard let errand = next else { return }
            guard !connection.isSpoilt else {
                errand(.failure(.transactionEnded))
                continue
            }
            errand(.success(connection))
        }
    }

    /// Ends the lease; later errands throw the fault.
    func end(_ fault: DatabaseFault = .transactionEnded) {
        let left = monitor.change { state in
            state.fault = state.fault ?? fault
            defer { state.errands = [] }
            return state.errands
        }
        for errand in left { errand(.failure(fault)) }
    }

    /// Runs work on the worker's thread. A cancellation of the task interrupts it where the work asks the interrupt.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable (Connection, Interrupt) throws(DatabaseFault) -> Value
    ) async throws(DatabaseFault) -> Value {
        let interrupt = Interrupt()
        let reply = Reply<Value>()
        let outcome = await withTaskCancellationHandler {
            post { loan in
                guard interrupt.begin() else { return }
                do throws(DatabaseFault) {
                    reply.answer(.success(try work(try loan.get(), interrupt)))
                } catch { reply.answer(.failure(error)) }
            }
            return await reply.outcome()
        } onCancel: {
            if interrupt.cancel() { reply.answer(.failure(.cancelled)) }
        }
        return try outcome.get()
    }

    /// Runs work that a cancellation must not touch: BEGIN, COMMIT, ROLLBACK.
    @discardableResult
    func runToTheEnd<Value: Sendable>(
        _ work: @escaping @Sendable (Connection) throws(DatabaseFault) -> Value
    ) async throws(DatabaseFault) -> Value {
        let reply = Reply<Value>()
        post { loan in
            do throws(DatabaseFault) { reply.answer(.success(try work(try loan.get()))) } catch {
                reply.answer(.failure(error))
            }
        }
        return try await reply.outcome().get()
    }

    private func post(_ errand: @escaping Errand) {
        let fault: DatabaseFault? = monitor.change { state in
            if state.fault == nil { state.errands.append(errand) }
            return state.fault
        }
        if let fault { errand(.failure(fault)) }
    }
}
