import CPostgres

extension Connection {
    /// What a batch consists of; it decides how the batch ends.
    enum BatchKind: Sendable {
        /// Look-ups: the transaction is made read-only first.
        case reads
        /// Independent, idempotent inserts.
        case appends

        var phase: Phase { self == .reads ? .statement : .commit }
    }

    private enum Step {
        case guardReadOnly
        case prepare(StatementCache.Key, name: String)
        case member

        var isMember: Bool { if case .member = self { true } else { false } }
    }

    private static let readOnlyGuard: Query = "SELECT set_config('transaction_read_only', 'on', true)"

    /// Sends all members as one pipeline with one sync, which is one implicit transaction: all or none of them.
    /// Returns only after the sync was answered. A refusal of any member is thrown, and nothing stays.
    func runBatch(
        _ queries: [Query],
        _ kind: BatchKind,
        deadline: ContinuousClock.Instant,
        interrupt: Interrupt? = nil
    ) throws(DatabaseFault) -> [Answer] {
        do throws(DatabaseFault) {
            return try runBatchOnce(queries, kind, deadline, interrupt)
        } catch {
            guard error.sqlstate == "26000" || error.sqlstate == "0A000" else { throw error }
            // A stale statement somewhere in the batch: prepare all of them again.
            cache.forgetAll()
        }
        return try runBatchOnce(queries, kind, deadline, interrupt)
    }

    private func runBatchOnce(
        _ queries: [Query],
        _ kind: BatchKind,
        _ deadline: ContinuousClock.Instant,
        _ interrupt: Interrupt?
    ) throws(DatabaseFault) -> [Answer] {
        guard unsafe PQenterPipelineMode(handle) == 1 else { throw loss(.statement) }
        let answers: [Answer]
        do throws(DatabaseFault) {
            let steps = try sendBatch(queries, kind)
            if let interrupt {
                answers = try interrupt.armed(wake) { () throws(DatabaseFault) -> [Answer] in
                    try readBatch(steps, kind, deadline, interrupt)
                }
            } else {
                answers = try readBatch(steps, kind, deadline, nil)
            }
        } catch {
            if unsafe PQexitPipelineMode(handle) == 0 { isSpoilt = true }
            throw error
        }
        guard unsafe PQexitPipelineMode(handle) == 1 else { throw loss(kind.phase) }
        if kind == .appends { try checkNotices() }
        return answers
    }

    private func sendBatch(_ queries: [Query], _ kind: BatchKind) throws(DatabaseFault) -> [Step] {
        var steps: [Step] = []
        var fresh: [StatementCache.Key: String] = [:]
        func add(_ query: Query, _ step: Step) throws(DatabaseFault) {
            let key = StatementCache.Key(query)
            var name = cache.name(of: key) ?? fresh[key]
            if name == nil {
                let unused = cache.freshName()
                try sendPrepare(key, unused)
                steps.append(.prepare(key, name: unused))
                fresh[key] = unused
                name = unused
            }
            try send(query, name ?? "")
            steps.append(step)
        }
        if kind == .reads { try add(Connection.readOnlyGuard, .guardReadOnly) }
        for query in queries { try add(query, .member) }
        guard unsafe PQpipelineSync(handle) == 1 else { throw loss(kind.phase) }
        return steps
    }

    private func readBatch(
        _ steps: [Step],
        _ kind: BatchKind,
        _ deadline: ContinuousClock.Instant,
        _ interrupt: Interrupt?
    ) throws(DatabaseFault) -> [Answer] {
        var answers: [Answer] = []
        var first: DatabaseFault?
        var remaining = steps[...]
        while true {
            try waitForInput(kind.phase, deadline: deadline, interrupt: interrupt)
            // NULL only parts the statements of a pipeline.
            guard let result = unsafe PQgetResult(handle) else {
                guard unsafe PQstatus(handle) == CONNECTION_OK else { throw first ?? loss(kind.phase) }
                continue
            }
            defer { unsafe PQclear(result) }
            let status = unsafe PQresultStatus(result)
            if status == PGRES_PIPELINE_SYNC { break }
            let step = remaining.popFirst()
            switch status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                switch step {
                case .prepare(let key, let name): cache.insert(key, name: name)
                case .member: answers.append(unsafe answer(result))
                case .guardReadOnly, nil: break
                }
            case PGRES_PIPELINE_ABORTED: break
            default: first = unsafe first ?? refusal(result, kind.phase)
            }
            guard unsafe PQstatus(handle) == CONNECTION_OK else { throw first ?? loss(kind.phase) }
        }
        if let first { throw first }
        guard answers.count == steps.count(where: { $0.isMember }) else { throw loss(kind.phase) }
        return answers
    }
}
