import Octets

/// One request on its way: what is sent, and the place where its answer is awaited. The first outcome counts.
final class Transfer: Sendable {
    /// An answer or the reason why none came.
    typealias Outcome = Result<ClientResponse, ClientFault>

    private enum Stage {
        case fresh
        case awaited(CheckedContinuation<Outcome, Never>)
        case settled(Outcome)
    }

    let method: String
    let url: String
    let fields: [String: String]
    let body: [UInt8]
    let timeout: Duration
    let answerLimit: Int
    private let stage = Lock(Stage.fresh)

    init(
        method: String,
        url: String,
        fields: [String: String],
        body: [UInt8],
        timeout: Duration,
        answerLimit: Int
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.timeout = timeout
        self.answerLimit = answerLimit
    }

    /// Whether sending the request twice does no harm.
    var isRepeatable: Bool { method != "POST" || fields.keys.contains { $0.lowercased() == "idempotency-key" } }

    /// Whether the outcome is out already; a thread that works on it stops.
    var isSettled: Bool {
        stage.with { stage in
            if case .settled = stage { true } else { false }
        }
    }

    /// Keeps who waits; false, with the wait ended, when the outcome is out already.
    func isAwaited(by continuation: CheckedContinuation<Outcome, Never>) -> Bool {
        let early = stage.with { stage -> Outcome? in
            if case .settled(let outcome) = stage { return outcome }
            stage = .awaited(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
        return early == nil
    }

    /// Ends the wait; later outcomes are dropped.
    func settle(_ outcome: Outcome) {
        let continuation = stage.with { stage -> CheckedContinuation<Outcome, Never>? in
            switch stage {
            case .settled: return nil
            case .fresh:
                stage = .settled(outcome)
                return nil
            case .awaited(let continuation):
                stage = .settled(outcome)
                return continuation
            }
        }
        continuation?.resume(returning: outcome)
    }
}
