import CPostgres

extension Connection {
    /// A field of an error or a notice; nil when absent.
    static func field(_ result: OpaquePointer?, _ field: DiagnosticField) -> String? {
        guard let text = unsafe PQresultErrorField(result, field.code) else { return nil }
        return unsafe String(cString: text)
    }

    /// The server's refusal without DETAIL, which holds key values. Messages of class 22 quote values, too.
    func refusal(_ result: OpaquePointer, _ phase: Phase) -> DatabaseFault {
        guard let sqlstate = unsafe Connection.field(result, .sqlstate) else { return loss(phase) }
        let message = unsafe Connection.field(result, .primaryMessage) ?? ""
        let severity = unsafe Connection.field(result, .severity)
        let fault = unsafe DatabaseFault.server(
            sqlstate: sqlstate,
            message: sqlstate.hasPrefix("22") ? "" : message,
            constraint: Connection.field(result, .constraintName),
            table: Connection.field(result, .tableName)
        )
        lastRefusal = fault
        // Ours are told apart before: what is left is the server's statement_timeout, which has undone the statement.
        if sqlstate == "57014", settings.statementTimeout > .zero { return .timeout }
        if fault.spoilsConnection { isSpoilt = true }
        // A backend told to end while it waits for the standby commits first and says FATAL afterwards.
        let isFatal =
            severity == "FATAL" || severity == "PANIC" || sqlstate.hasPrefix("57P0") || sqlstate.hasPrefix("08")
        guard isFatal else { return fault }
        isSpoilt = true
        return phase == .commit ? .commitUnknown : .connection(message)
    }

    /// Copies a result out of libpq's memory.
    func answer(_ result: OpaquePointer) -> Answer {
        let width = unsafe PQnfields(result)
        let height = unsafe PQntuples(result)
        var columns: [Answer.Column] = []
        for column in 0..<width {
            let name = unsafe PQfname(result, column).map { unsafe String(cString: $0) } ?? ""
            columns.append(Answer.Column(name: name, oid: unsafe PQftype(result, column)))
        }
        var octets: [UInt8] = []
        var bounds: [(start: Int, end: Int)] = []
        bounds.reserveCapacity(Int(width) * Int(height))
        for row in 0..<height {
            for column in 0..<width {
                guard unsafe PQgetisnull(result, row, column) == 0, let value = unsafe PQgetvalue(result, row, column)
                else {
                    bounds.append((-1, -1))
                    continue
                }
                let start = octets.count
                let length = Int(unsafe PQgetlength(result, row, column))
                unsafe octets.append(contentsOf: UnsafeRawBufferPointer(start: value, count: length))
                bounds.append((start, octets.count))
            }
        }
        let tag = unsafe PQcmdStatus(result).map { unsafe String(cString: $0) } ?? ""
        let affected = unsafe PQcmdTuples(result).flatMap { unsafe Int(String(cString: $0)) } ?? 0
        return Answer(
            columns: columns,
            rowCount: Int(height),
            octets: octets,
            bounds: bounds,
            affected: affected,
            tag: tag
        )
    }

    /// Reads results up to the end of the exchange; the last answer, or the first refusal.
    func collect(
        _ phase: Phase,
        deadline: ContinuousClock.Instant,
        interrupt: Interrupt? = nil
    ) throws(DatabaseFault) -> Answer {
        var last: Answer?
        var first: DatabaseFault?
        while true {
            try waitForInput(phase, deadline: deadline, interrupt: interrupt)
            guard let result = unsafe PQgetResult(handle) else { break }
            defer { unsafe PQclear(result) }
            switch unsafe PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: last = unsafe answer(result)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                isSpoilt = true
                throw .unexpected("COPY outside copyIn")
            default: first = unsafe first ?? refusal(result, phase)
            }
            guard unsafe PQstatus(handle) == CONNECTION_OK else { throw first ?? loss(phase) }
        }
        if let first { throw first }
        guard let last else { throw loss(phase) }
        return last
    }
}
