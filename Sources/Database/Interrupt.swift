import Octets

/// The wish of a caller to have its job given up, seen by the worker that has the job in hand.
final class Interrupt: Sendable {
    private struct State {
        var hasBegun = false
        var isCancelled = false
        var pipe: WakePipe?
    }

    private let state = Lock(State())

    /// Whether the caller has cancelled.
    var isCancelled: Bool { state.with { $0.isCancelled } }

    /// Cancels; true when the job had not begun, so that no worker will ever answer it.
    func cancel() -> Bool {
        state.with { state in
            state.isCancelled = true
            state.pipe?.wake()
            return !state.hasBegun
        }
    }

    /// The worker takes the job up; false when it was cancelled before.
    func begin() -> Bool {
        state.with { state in
            guard !state.isCancelled else { return false }
            state.hasBegun = true
            return true
        }
    }

    /// Wakes this pipe on a cancellation for as long as the body runs.
    func armed<Result, Failure: Error>(
        _ pipe: WakePipe,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        state.with { $0.pipe = pipe }
        defer { state.with { $0.pipe = nil } }
        return try body()
    }
}
