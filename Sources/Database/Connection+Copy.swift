import CPostgres

extension Connection {
    /// Octets handed to libpq at once.
    private static let pieceSize = 65_536

    /// Fills a table inside the open transaction; the closure writes one row a call and returns false at the end.
    /// The rows' own errors come out as they are, after the server has been told to forget the COPY.
    func copy(
        _ target: CopyTarget,
        deadline: ContinuousClock.Instant,
        interrupt: Interrupt,
        next: (inout CopyRow) throws -> Bool
    ) throws -> Int {
        let types = try run(target.typesQuery, .statement, deadline: deadline, interrupt: interrupt)
        let columns = try target.resolved(types)
        let left = max(ContinuousClock.now.duration(to: deadline).milliseconds, 1)
        // A load takes longer than a statement may; the deadline bounds it instead.
        try simple("SET LOCAL statement_timeout = \(left)", .statement, deadline: deadline)
        try beginCopy(target, deadline)
        do {
            try feed(columns, deadline, interrupt, next)
        } catch {
            _ = try? finishCopy("rows failed", deadline)
            throw error
        }
        let count = try finishCopy(nil, deadline).affected
        let usual = settings.statementTimeout.milliseconds
        try simple("SET LOCAL statement_timeout = \(usual)", .statement, deadline: deadline)
        return count
    }

    private func feed(
        _ columns: [CopyColumn],
        _ deadline: ContinuousClock.Instant,
        _ interrupt: Interrupt,
        _ next: (inout CopyRow) throws -> Bool
    ) throws {
        var row = CopyRow(columns: columns)
        row.begin()
        while true {
            row.beginRow()
            guard try next(&row) else { break }
            try row.endRow()
            guard row.octets.count >= Connection.pieceSize else { continue }
            try put(row.octets)
            row.clear()
            guard !interrupt.isCancelled else { throw DatabaseFault.cancelled }
            guard ContinuousClock.now < deadline else { throw DatabaseFault.timeout }
        }
        row.dropRow()
        row.end()
        try put(row.octets)
    }

    private func beginCopy(_ target: CopyTarget, _ deadline: ContinuousClock.Instant) throws(DatabaseFault) {
        guard unsafe PQsendQuery(handle, target.statement) == 1 else { throw loss(.statement) }
        try waitForInput(.statement, deadline: deadline, interrupt: nil)
        guard let result = unsafe PQgetResult(handle) else { throw loss(.statement) }
        defer { unsafe PQclear(result) }
        guard unsafe PQresultStatus(result) != PGRES_COPY_IN else { return }
        let fault = unsafe refusal(result, .statement)
        _ = try? collect(.statement, deadline: deadline)
        throw fault
    }

    private func put(_ octets: [UInt8]) throws(DatabaseFault) {
        let sent = unsafe octets.withUnsafeBytes { region in
            unsafe PQputCopyData(handle, region.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(region.count))
        }
        guard sent == 1 else { throw loss(.statement) }
    }

    @discardableResult
    private func finishCopy(_ reason: String?, _ deadline: ContinuousClock.Instant) throws(DatabaseFault) -> Answer {
        guard unsafe PQputCopyEnd(handle, reason) == 1 else { throw loss(.statement) }
        return try collect(.statement, deadline: max(deadline, .now + .seconds(1)))
    }
}
