import Glibc
import Octets

/// A thread that does a small thing at an interval until it is stopped. It stands apart from the shared threads, so
/// that deadlines hold even when those are busy.
@safe final class Ticker: @unchecked Sendable {
    // `thread` is written once in `init` and joined once in `stop`.
    private let isStopped = Lock(false)
    private let intervalMicroseconds: UInt32
    private let body: @Sendable () -> Void
    private var thread: pthread_t = 0

    /// Starts the thread.
    init(everyMilliseconds interval: UInt32, _ body: @escaping @Sendable () -> Void) {
        intervalMicroseconds = interval * 1_000
        self.body = body
        // The thread takes this reference over and gives it back when it ends.
        let reference = unsafe Unmanaged.passRetained(self).toOpaque()
        let result = unsafe pthread_create(
            &thread,
            nil,
            { reference in
                if let reference = unsafe reference {
                    unsafe Unmanaged<Ticker>.fromOpaque(reference).takeRetainedValue().run()
                }
                return nil
            },
            reference
        )
        precondition(result == 0, "the host has no room for one more thread at start")
    }

    /// Stops the thread and waits until it has ended: an interval at most.
    func stop() {
        let wasStopped = isStopped.with { stopped in
            defer { stopped = true }
            return stopped
        }
        if !wasStopped { pthread_join(thread, nil) }
    }

    private func run() {
        while !isStopped.with({ $0 }) {
            body()
            usleep(intervalMicroseconds)
        }
    }
}
