import Dispatch

/// Threads of its own for calls that block: tokens, signatures, passwords, drawing. The shared threads of tasks are one
/// a core, and one blocked call there would hold up every request.
package final class WorkerThreads: Sendable {
    private let queues: [DispatchQueue]
    private let next = Lock(0)

    /// A fixed number of threads, and so a bound on what runs at once.
    package init(count: Int, name: String) {
        queues = (0..<max(count, 1)).map { DispatchQueue(label: "\(name)-\($0)") }
    }

    /// Runs the work on one of the threads and waits for it without blocking the caller's.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let turn = next.with { next in
            next += 1
            return next
        }
        let queue = queues[turn % queues.count]
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
