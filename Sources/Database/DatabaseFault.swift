/// Why the database did not do what was asked. No case carries a bind value or the server's DETAIL.
package enum DatabaseFault: Error, Hashable, Sendable {
    /// The server refused: SQLSTATE, primary message (empty for class 22, which quotes values), and what it concerns.
    case server(sqlstate: String, message: String, constraint: String?, table: String?)
    /// No connection, or it was lost where nothing can have been committed.
    case connection(String)
    /// A write or COMMIT was sent and its outcome is not known: repeat with the same idempotency key, or read again.
    case commitUnknown
    /// The deadline or the server's `statement_timeout` passed; nothing was committed.
    case timeout
    /// The task was cancelled; nothing was committed.
    case cancelled
    /// The queue is full: answer 503 with Retry-After.
    case tooBusy
    /// The database was closed.
    case closed
    /// `one` found nothing.
    case noRow
    /// `one` or `maybe` found this many.
    case manyRows(Int)
    /// A field is not what the caller takes it for.
    case decode(column: String, Misfit)
    /// A value cannot be sent.
    case encode(Unsendable)
    /// The transaction is over: its value was used after the end, or after a connection loss.
    case transactionEnded
    /// The server or libpq answered outside the protocol.
    case unexpected(String)

    /// Why a field does not fit.
    package enum Misfit: Hashable, Sendable {
        case null
        case noColumn
        case type(oid: UInt32)
        case length(Int)
        case value
    }

    /// Why a value cannot be sent.
    package enum Unsendable: Hashable, Sendable {
        case nulCharacter
        case outOfRange
        case columnCount(expected: Int, found: Int)
        case columnType(column: String, expected: UInt32, found: UInt32)
        case noColumn(String)
    }

    /// The SQLSTATE of a server's refusal.
    package var sqlstate: String? {
        if case .server(let sqlstate, _, _, _) = self { sqlstate } else { nil }
    }

    /// The constraint that refused a row; the callers' key from constraint to domain refusal.
    package var constraint: String? {
        if case .server(_, _, let constraint, _) = self { constraint } else { nil }
    }

    /// Whether running the whole transaction again may succeed: 40001 serialisation, 40P01 deadlock.
    var mayBeRetried: Bool { sqlstate == "40001" || sqlstate == "40P01" }

    /// Whether the server says that this connection is of no more use: 08xxx, 57P0x, and 25006 (a demoted node).
    var spoilsConnection: Bool {
        switch self {
        case .connection, .commitUnknown: true
        case .server(let sqlstate, _, _, _):
            sqlstate == "25006" || sqlstate.hasPrefix("57P0") || sqlstate.hasPrefix("08")
        default: false
        }
    }
}
