import CMicroHTTPD
import Octets

/// A stream of server-sent events (HTML, 9.2) for live progress pages and nothing else. It is a hint: a page that
/// connects again reads the job itself.
///
/// The reader runs on the connection's thread, the producer anywhere; one lock stands between. With nothing to send the
/// connection is suspended. A client that left is noticed when a write fails, hence the heartbeats.
@safe package final class EventStream: @unchecked Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isParked = false
        var isEnded = false
        var connection: ConnectionReference?
        var producer: Task<Void, Never>?
        var lastWritten = ContinuousClock.now
        var octetsSent = 0
    }

    /// More than this unread: the client is too slow, and the stream ends.
    private static let unreadLimit = 64 << 10

    private let state = Lock(State())
    private let produce: @Sendable (EventStream) async -> Void

    init(_ produce: @escaping @Sendable (EventStream) async -> Void) { self.produce = produce }

    /// Sends one event; `data` may have several lines. False when the client is gone or the stream has ended.
    @discardableResult
    package func send(event: String, data: String) -> Bool {
        let name = event.filter { !$0.isNewline }
        let lines = data.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
        return append("event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n")
    }

    /// Ends the stream after what is waiting.
    package func end() {
        state.with { state in
            state.isEnded = true
            Self.wake(&state)
        }
    }

    /// Whether nothing more can be sent.
    package var isEnded: Bool { state.with(\.isEnded) }

    /// How many octets the client took.
    var octetsSent: Int { state.with(\.octetsSent) }

    /// Sends a comment when the stream has been still for an interval.
    func heartbeat(now: ContinuousClock.Instant, every interval: Duration) {
        let isDue = state.with { $0.waiting.isEmpty && now - $0.lastWritten >= interval }
        if isDue { append(": hb\n\n") }
    }

    /// Ties the stream to its connection; called once, before the answer is queued.
    func attach(_ connection: ConnectionReference) { state.with { $0.connection = connection } }

    /// Gives the library the next octets: their count, 0 when suspended, -1 at the end. Connection's thread only.
    func read(into buffer: UnsafeMutablePointer<CChar>, upTo limit: Int) -> Int {
        state.with { state in
            if state.producer == nil, !state.isEnded { state.producer = Task.detached { await self.produceAll() } }
            let count = min(limit, state.waiting.count)
            guard count == 0 else {
                // The buffer is the library's, `limit` octets long, for the time of this call.
                let target = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: count)
                unsafe target.copyBytes(from: state.waiting.prefix(count))
                state.waiting.removeFirst(count)
                state.octetsSent += count
                return count
            }
            guard !state.isEnded else { return Int(cmhd_end_of_stream()) }
            state.isParked = true
            state.connection?.suspend()
            return 0
        }
    }

    /// The connection is gone: no more of it is touched, and the producer is told.
    func detach() {
        let producer = state.with { state -> Task<Void, Never>? in
            state.connection = nil
            state.isParked = false
            state.isEnded = true
            state.waiting = []
            return state.producer
        }
        producer?.cancel()
    }

    private func produceAll() async {
        await produce(self)
        end()
    }

    @discardableResult
    private func append(_ text: String) -> Bool {
        state.with { state in
            guard !state.isEnded else { return false }
            guard state.waiting.count + text.utf8.count <= Self.unreadLimit else {
                state.isEnded = true
                state.producer?.cancel()
                Self.wake(&state)
                return false
            }
            state.waiting += Array(text.utf8)
            state.lastWritten = .now
            Self.wake(&state)
            return true
        }
    }

    private static func wake(_ state: inout State) {
        guard state.isParked else { return }
        state.isParked = false
        state.connection?.resume()
    }
}
