import CPostgres

extension Connection {
    /// Runs text by the simple protocol: BEGIN, COMMIT, migrations. Several statements are one implicit transaction.
    @discardableResult
    func simple(
        _ text: String,
        _ phase: Phase,
        deadline: ContinuousClock.Instant
    ) throws(DatabaseFault) -> Answer {
        guard unsafe PQsendQuery(handle, text) == 1 else { throw loss(.statement) }
        return try collect(phase, deadline: deadline)
    }

    /// Runs one statement with binds, prepared once on this connection.
    func run(
        _ query: Query,
        _ phase: Phase,
        deadline: ContinuousClock.Instant,
        interrupt: Interrupt? = nil
    ) throws(DatabaseFault) -> Answer {
        if let fault = query.fault { throw fault }
        let key = StatementCache.Key(query)
        guard let interrupt else { return try runRepreparing(query, key, phase, deadline, nil) }
        return try interrupt.armed(wake) { () throws(DatabaseFault) -> Answer in
            try runRepreparing(query, key, phase, deadline, interrupt)
        }
    }

    /// Outside a transaction a statement that the server has lost (26000) or whose result type has changed (0A000)
    /// is prepared once more; inside, the transaction has failed by then.
    private func runRepreparing(
        _ query: Query,
        _ key: StatementCache.Key,
        _ phase: Phase,
        _ deadline: ContinuousClock.Instant,
        _ interrupt: Interrupt?
    ) throws(DatabaseFault) -> Answer {
        let mayRepeat = !isInTransaction
        do throws(DatabaseFault) {
            return try runOnce(query, key, phase, deadline, interrupt)
        } catch {
            guard error.sqlstate == "26000" || error.sqlstate == "0A000" else { throw error }
            cache.forget(key)
            guard mayRepeat else { throw error }
        }
        return try runOnce(query, key, phase, deadline, interrupt)
    }

    private func runOnce(
        _ query: Query,
        _ key: StatementCache.Key,
        _ phase: Phase,
        _ deadline: ContinuousClock.Instant,
        _ interrupt: Interrupt?
    ) throws(DatabaseFault) -> Answer {
        var name = cache.name(of: key)
        if name == nil {
            let fresh = cache.freshName()
            try sendPrepare(key, fresh)
            _ = try collect(.statement, deadline: deadline, interrupt: interrupt)
            cache.insert(key, name: fresh)
            name = fresh
        }
        try send(query, name ?? "")
        let answer = try collect(phase, deadline: deadline, interrupt: interrupt)
        if phase == .commit { try checkNotices() }
        return answer
    }

    func sendPrepare(_ key: StatementCache.Key, _ name: String) throws(DatabaseFault) {
        guard unsafe PQsendPrepare(handle, name, key.text, Int32(key.types.count), key.types) == 1 else {
            throw loss(.statement)
        }
    }

    /// Sends a prepared statement with its binds in binary form; the answer is asked for in binary form.
    func send(_ query: Query, _ name: String) throws(DatabaseFault) {
        var arena: [UInt8] = []
        var lengths: [Int32] = []
        for bind in query.binds {
            arena += bind.octets ?? []
            lengths.append(Int32(bind.octets?.count ?? 0))
        }
        // One octet more, so that the address of an empty value is not null: null would mean SQL NULL.
        arena.append(0)
        let formats = [Int32](repeating: 1, count: query.binds.count)
        let sent = unsafe arena.withUnsafeBytes { region -> Int32 in
            var offset = 0
            var pointers: [UnsafePointer<CChar>?] = unsafe []
            for bind in query.binds {
                guard let octets = bind.octets else {
                    unsafe pointers.append(nil)
                    continue
                }
                unsafe pointers.append(region.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self))
                offset += octets.count
            }
            return unsafe PQsendQueryPrepared(
                handle,
                name,
                Int32(query.binds.count),
                pointers,
                lengths,
                formats,
                1
            )
        }
        guard sent == 1 else { throw loss(.statement) }
    }
}
