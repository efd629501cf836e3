import Octets

/// The answer to one job: given once, whoever comes first (worker, refusal or cancellation), awaited once.
///
/// The answer itself stays behind the lock and only the wake-up goes through the continuation, so that the thread
/// sanitizer, which does not see into the runtime, sees how it was handed over.
final class Reply<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, DatabaseFault>

    private struct State {
        var outcome: Outcome?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Lock(State())

    /// Gives the answer; later ones are dropped.
    func answer(_ outcome: Outcome) {
        let waiter: CheckedContinuation<Void, Never>? = state.with { state in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits for the answer.
    func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let isGiven = state.with { state in
                if state.outcome == nil { state.waiter = continuation }
                return state.outcome != nil
            }
            if isGiven { continuation.resume() }
        }
        return state.with { $0.outcome } ?? .failure(.unexpected("no answer"))
    }
}
