import Glibc

/// An operating system thread of its own, for calls that block. The threads shared by all tasks never block.
enum SystemThread {
    /// Starts a thread; throws `unexpected` when the system has no more.
    static func start(_ body: @escaping @Sendable () -> Void) throws(DatabaseFault) {
        // Retained here, released by the thread, or below when there is no thread.
        let box = unsafe Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        // The thread takes over the retained work; the closure captures nothing.
        let code = unsafe pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            unsafe box.release()
            throw .unexpected("pthread_create \(code)")
        }
        pthread_detach(thread)
    }

    /// Runs blocking work on a thread of its own.
    static func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            do {
                try start {
                    do { continuation.resume(returning: .success(try body())) } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            } catch { continuation.resume(returning: .failure(error)) }
        }
        return try result.get()
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
