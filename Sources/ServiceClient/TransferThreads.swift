import Glibc
import Octets

/// Threads that carry transfers out, each with its own kept connections. They start when needed, up to the settings'
/// number, and end with this object.
final class TransferThreads: Sendable {
    private let queue: TransferQueue

    init(_ settings: Client.Settings) { queue = TransferQueue(settings) }

    deinit { queue.close() }

    /// Gives a transfer to the next free thread.
    func take(_ transfer: Transfer) { queue.append(transfer) }
}

/// What the threads wait on; it outlives their owner until the last of them has ended.
@safe private final class TransferQueue: @unchecked Sendable {
    // `waiting`, `threads`, `idle` and `isClosed` are touched with `mutex` held; both live as long as this object.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let arrival: UnsafeMutablePointer<pthread_cond_t>
    private let settings: Client.Settings
    private var waiting: [Transfer] = []
    private var threads = 0
    private var idle = 0
    private var isClosed = false

    init(_ settings: Client.Settings) {
        self.settings = settings
        unsafe mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe arrival.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(arrival, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(arrival)
        unsafe pthread_mutex_destroy(mutex)
        unsafe arrival.deallocate()
        unsafe mutex.deallocate()
    }

    func append(_ transfer: Transfer) {
        unsafe pthread_mutex_lock(mutex)
        waiting.append(transfer)
        let needsThread = waiting.count > idle && threads < max(1, settings.threads)
        if needsThread { threads += 1 }
        unsafe pthread_cond_signal(arrival)
        unsafe pthread_mutex_unlock(mutex)
        if needsThread { startThread() }
    }

    func close() {
        unsafe pthread_mutex_lock(mutex)
        isClosed = true
        unsafe pthread_cond_broadcast(arrival)
        unsafe pthread_mutex_unlock(mutex)
    }

    private func next() -> Transfer? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        idle += 1
        while waiting.isEmpty, !isClosed { unsafe pthread_cond_wait(arrival, mutex) }
        idle -= 1
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }

    private func run() {
        let line = CurlLine(settings)
        while let transfer = next() {
            if !transfer.isSettled { transfer.settle(line.carry(transfer)) }
        }
    }

    private func startThread() {
        // The thread takes this reference over and gives it back when it ends.
        let reference = unsafe Unmanaged.passRetained(self).toOpaque()
        var thread: pthread_t = 0
        let result = unsafe pthread_create(
            &thread,
            nil,
            { reference in
                if let reference = unsafe reference {
                    unsafe Unmanaged<TransferQueue>.fromOpaque(reference).takeRetainedValue().run()
                }
                return nil
            },
            reference
        )
        precondition(result == 0, "the host has no room for one more thread")
        pthread_detach(thread)
    }
}
