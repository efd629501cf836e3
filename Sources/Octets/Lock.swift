import Glibc

/// A value that only one thread at a time may touch.
///
/// Over `pthread_mutex_t` on the heap: the standard library's `Mutex` gives false ThreadSanitizer reports on Linux.
@safe package final class Lock<State>: @unchecked Sendable {
    // The mutex lives exactly as long as this object and never moves.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var state: State

    /// A lock around a first value.
    package init(_ state: State) {
        unsafe mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        self.state = state
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Lends the value for the time of the closure; do not block in it.
    package func with<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
