import Octets

/// The answer to one job: given once, whoever comes first (worker, refusal or cancellation).
final class Reply<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, DatabaseFault>

    private enum State {
        case open(CheckedContinuation<Outcome, Never>?)
        case early(Outcome)
        case given
    }

    private let state = Lock(State.open(nil))

    /// Gives the answer; later ones are dropped.
    func answer(_ outcome: Outcome) {
        let continuation: CheckedContinuation<Outcome, Never>? = state.with { state in
            guard case .open(let continuation) = state else { return nil }
            state = continuation == nil ? .early(outcome) : .given
            return continuation
        }
        continuation?.resume(returning: outcome)
    }

    /// The caller waits here; the answer may have come before it.
    func attach(_ continuation: CheckedContinuation<Outcome, Never>) {
        let early: Outcome? = state.with { state in
            guard case .early(let outcome) = state else {
                state = .open(continuation)
                return nil
            }
            state = .given
            return outcome
        }
        if let early { continuation.resume(returning: early) }
    }
}
