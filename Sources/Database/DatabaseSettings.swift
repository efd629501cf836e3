/// How to reach a database and how much to ask of it.
package struct DatabaseSettings: Sendable {
    /// A libpq connection string in its keyword form, such as `host=/run/cz user=cz_app dbname=citizen`; the bounds below
    /// are appended to it.
    package var conninfo: String
    /// The threads, each with one connection; two to four a core of the *server*, over all service nodes.
    package var connections = 4
    /// Jobs that may wait; one more is answered `tooBusy`.
    package var queueLimit = 4096
    /// The most statements in one pipeline batch.
    package var batchLimit = 64
    /// The deadline of a job that names none.
    package var defaultDeadline: Duration = .seconds(10)
    /// `statement_timeout` of the session; zero switches it off.
    package var statementTimeout: Duration = .seconds(5)
    /// `lock_timeout` of the session; zero switches it off.
    package var lockTimeout: Duration = .seconds(2)
    /// `idle_in_transaction_session_timeout` of the session; zero switches it off.
    package var idleInTransactionTimeout: Duration = .seconds(10)
    /// Statements kept prepared on each connection.
    package var statementCacheLimit = 256

    /// Settings with the usual bounds.
    package init(conninfo: String) { self.conninfo = conninfo }

    /// The connection string with the bounds of a blocking client: a dead peer shows only through these.
    var completeConninfo: String {
        let options = [
            "statement_timeout=\(statementTimeout.milliseconds)",
            "lock_timeout=\(lockTimeout.milliseconds)",
            "idle_in_transaction_session_timeout=\(idleInTransactionTimeout.milliseconds)",
        ]
        return """
            \(conninfo) client_encoding=UTF8 connect_timeout=2 tcp_user_timeout=3000 keepalives_idle=5 \
            keepalives_interval=2 keepalives_count=2 options='\(options.map { "-c \($0)" }.joined(separator: " "))'
            """
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a positive duration never becomes 0, which would mean "no limit".
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
