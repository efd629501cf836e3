/// The jobs that wait for a worker: bounded, first come first served, equal kinds of batchable jobs taken together.
final class JobQueue: Sendable {
    private struct State {
        var reads = Line<StatementJob>()
        var appends = Line<StatementJob>()
        var exclusives = Line<ExclusiveJob>()
        var tickets = 0
        var isClosed = false

        var count: Int { reads.count + appends.count + exclusives.count }
    }

    private let monitor = Monitor(State())
    private let limit: Int

    init(limit: Int) { self.limit = max(limit, 1) }

    /// The jobs that wait.
    var count: Int { monitor.look { $0.count } }

    /// Throws `tooBusy` or `closed`.
    func put(_ job: StatementJob) throws(DatabaseFault) {
        try put { state in
            switch job.kind {
            case .reads: state.reads.append(job, ticket: state.tickets)
            case .appends: state.appends.append(job, ticket: state.tickets)
            }
        }
    }

    /// Throws `tooBusy` or `closed`.
    func put(_ job: ExclusiveJob) throws(DatabaseFault) {
        try put { state in state.exclusives.append(job, ticket: state.tickets) }
    }

    /// Blocks until there is work; nil when the queue is closed and empty.
    func take(batchLimit: Int) -> Work? {
        let taken: Work?? = monitor.wait { state in
            let heads = [state.reads.head, state.appends.head, state.exclusives.head]
            guard let oldest = heads.compactMap({ $0 }).min() else { return state.isClosed ? .some(nil) : nil }
            if oldest == state.reads.head { return .some(.batch(.reads, state.reads.take(batchLimit))) }
            if oldest == state.appends.head { return .some(.batch(.appends, state.appends.take(batchLimit))) }
            return state.exclusives.take(1).first.map { .some(.exclusive($0)) }
        }
        return taken ?? nil
    }

    /// Lets no more jobs in; those that wait are still done.
    func close() { monitor.change { $0.isClosed = true } }

    private func put(_ body: (inout State) -> Void) throws(DatabaseFault) {
        try monitor.changeWakingOne { state throws(DatabaseFault) in
            guard !state.isClosed else { throw .closed }
            guard state.count < limit else { throw .tooBusy }
            state.tickets += 1
            body(&state)
        }
    }
}

/// A first-in first-out line with ticket numbers.
private struct Line<Element> {
    private var elements: [(ticket: Int, element: Element)] = []
    private var first = 0

    var count: Int { elements.count - first }
    var head: Int? { count > 0 ? elements[first].ticket : nil }

    mutating func append(_ element: Element, ticket: Int) { elements.append((ticket, element)) }

    mutating func take(_ most: Int) -> [Element] {
        let end = min(first + max(most, 1), elements.count)
        let taken = elements[first..<end].map(\.element)
        first = end
        // Moved rarely, so that each element moves once on average.
        if first * 2 >= elements.count {
            elements.removeFirst(first)
            first = 0
        }
        return taken
    }
}
