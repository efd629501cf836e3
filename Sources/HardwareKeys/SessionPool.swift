import Glibc
import KeyHierarchy

/// 会话池 The sessions of one login, each lent to one caller at a time; a bounded number of calls is in the token.
///
/// Recovery waits until every session is back and then has the token to itself. Callers that failed on the same ground
/// recover once: each brings the number of the login it worked under, and only the first finds it still current.
@safe final class SessionPool: @unchecked Sendable {
    // Guarded by `mutex`; both live exactly as long as this object and never move.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var free: [TokenSession] = []
    private var lent = 0
    private var login: UInt64 = 0
    private var isRecovering = false
    private var broken: CustodyFault?

    /// A session for one call.
    struct Lease: Sendable {
        let session: TokenSession
        let login: UInt64
    }

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe changed = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe changed.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(changed, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    /// What a caller gets: a session, or the news that there is no login and one must be made.
    enum Loan: Sendable {
        case lease(Lease)
        case noLogin(UInt64)
    }

    /// Waits for a free session; throws the fault that opened the breaker.
    func lend() throws(CustodyFault) -> Loan {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let broken { throw broken }
            if !isRecovering {
                if let session = free.popLast() {
                    lent += 1
                    return .lease(Lease(session: session, login: login))
                }
                if lent == 0 { return .noLogin(login) }
            }
            unsafe pthread_cond_wait(changed, mutex)
        }
    }

    /// Ends the sessions that are not lent, and with the last one the login.
    func closeAll() {
        unsafe pthread_mutex_lock(mutex)
        for session in free { session.close() }
        free = []
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Takes a session back.
    func giveBack(_ lease: Lease) {
        unsafe pthread_mutex_lock(mutex)
        lent -= 1
        free.append(lease.session)
        unsafe pthread_cond_broadcast(changed)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Replaces all sessions by those that `body` makes, when the login is still the one that failed. Afterwards no old
    /// session is lent. A refused PIN opens the breaker for ever; any other fault leaves the pool empty, so that the
    /// next caller tries again.
    func recover(
        from failed: UInt64,
        _ body: ([TokenSession]) throws(CustodyFault) -> [TokenSession]
    ) throws(CustodyFault) {
        guard try claim(failed) else { return }
        let old = free
        let outcome: Result<[TokenSession], CustodyFault>
        do throws(CustodyFault) { outcome = .success(try body(old)) } catch { outcome = .failure(error) }
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        isRecovering = false
        login += 1
        free = (try? outcome.get()) ?? []
        if case .failure(.pinRefused) = outcome { broken = .pinRefused }
        unsafe pthread_cond_broadcast(changed)
        _ = try outcome.get()
    }

    /// Whether the caller is the one to recover; waits until nobody else works.
    private func claim(_ failed: UInt64) throws(CustodyFault) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while isRecovering { unsafe pthread_cond_wait(changed, mutex) }
        if let broken { throw broken }
        guard login == failed else { return false }
        isRecovering = true
        while lent > 0 { unsafe pthread_cond_wait(changed, mutex) }
        return true
    }
}
