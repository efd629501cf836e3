import CPostgres
import Glibc

/// One libpq connection. Owned by one thread, which alone calls it and frees it.
///
/// Every wait is a poll of the socket and of the wake pipe, bounded by a deadline.
@safe final class Connection {
    /// Whether what is being waited for may be given up.
    enum Phase {
        /// A read, or a statement inside a transaction: may be cancelled, nothing is committed by it.
        case statement
        /// COMMIT or an autocommit write: never cancelled; a loss or a passed deadline leaves the outcome unknown.
        case commit
    }

    let settings: DatabaseSettings
    let wake: WakePipe
    var cache: StatementCache
    /// Set after a loss or a cancel: the connection is to be discarded.
    var isSpoilt = false
    /// The last refusal by the server, for a body that has swallowed it.
    var lastRefusal: DatabaseFault?

    private let notices = NoticeBox()
    // Made in init, freed in deinit, used by the owning thread between the two.
    let handle: OpaquePointer

    /// Connects, blocking; throws `connection`.
    init(_ settings: DatabaseSettings, wake: WakePipe) throws(DatabaseFault) {
        guard let handle = unsafe PQconnectdb(settings.completeConninfo) else { throw .connection("out of memory") }
        unsafe self.handle = handle
        self.settings = settings
        self.wake = wake
        cache = StatementCache(limit: settings.statementCacheLimit)
        guard unsafe PQstatus(handle) == CONNECTION_OK else { throw .connection(lastMessage) }
        unsafe notices.listen(to: handle)
    }

    deinit { unsafe PQfinish(handle) }

    /// Whether the server has closed the connection while nothing was under way. Asked before each job, so that a
    /// write is not sent into a connection that is known to be dead.
    var isStale: Bool {
        guard !isSpoilt, unsafe PQstatus(handle) == CONNECTION_OK else { return true }
        var socket = pollfd(fd: unsafe PQsocket(handle), events: Int16(POLLIN), revents: 0)
        // Unasked input on an idle connection is the server's farewell; a mere notice costs one reconnection.
        guard unsafe poll(&socket, 1, 0) == 0 else { return true }
        return unsafe PQtransactionStatus(handle) != PQTRANS_IDLE
    }

    /// Whether a transaction is open, failed or not.
    var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(handle)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Whether the open transaction has failed, so that only ROLLBACK is left.
    var isInFailedTransaction: Bool { unsafe PQtransactionStatus(handle) == PQTRANS_INERROR }

    /// Why libpq failed last: its first line alone.
    var lastMessage: String {
        guard let text = unsafe PQerrorMessage(handle) else { return "" }
        return unsafe String(cString: text).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }

    /// Throws `commitUnknown` when a notice has told of a broken wait for the standby.
    func checkNotices() throws(DatabaseFault) {
        guard notices.sawBrokenWait else { return }
        notices.sawBrokenWait = false
        throw .commitUnknown
    }

    /// The fault of a lost connection: in a commit the outcome is unknown.
    func loss(_ phase: Phase) -> DatabaseFault {
        isSpoilt = true
        return phase == .commit ? .commitUnknown : .connection(lastMessage)
    }

    /// Frees server memory of statements that fell out of the cache. Between jobs only.
    func freeDroppedStatements() {
        guard !isSpoilt, !cache.dropped.isEmpty, !isInTransaction else { return }
        for name in cache.takeDropped() {
            // A name that the server does not know is as good as freed.
            _ = try? simple("DEALLOCATE \(name)", .statement, deadline: .now + .seconds(2))
        }
    }

    /// Waits until libpq can answer `PQgetResult` without blocking.
    func waitForInput(_ phase: Phase, deadline: ContinuousClock.Instant, interrupt: Interrupt?) throws(DatabaseFault) {
        while unsafe PQisBusy(handle) == 1 {
            if phase == .statement, let interrupt, interrupt.isCancelled {
                giveUpStatement()
                throw .cancelled
            }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else {
                if phase == .statement { giveUpStatement() }
                isSpoilt = true
                throw phase == .commit ? .commitUnknown : .timeout
            }
            var files = [
                pollfd(fd: unsafe PQsocket(handle), events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0),
            ]
            let ready = unsafe poll(&files, phase == .statement ? 2 : 1, Int32(clamping: left.milliseconds))
            guard ready >= 0 || errno == EINTR else { throw loss(phase) }
            if files[1].revents != 0 { wake.drain() }
            guard ready > 0, files[0].revents != 0 else { continue }
            guard unsafe PQconsumeInput(handle) == 1 else {
                // What was already received may hold the reason; the caller reads it by PQgetResult.
                guard unsafe PQisBusy(handle) == 0 else { throw loss(phase) }
                return
            }
        }
    }

    /// Asks the server to end the statement and gives the connection up: a late cancel would hit the next statement.
    private func giveUpStatement() {
        isSpoilt = true
        guard let cancel = unsafe PQgetCancel(handle) else { return }
        var reason = [CChar](repeating: 0, count: 256)
        unsafe PQcancel(cancel, &reason, Int32(reason.count))
        unsafe PQfreeCancel(cancel)
    }
}
