import CardEngine
import Dispatch
import Octets

/// One thread for one reader, with a watchdog.
final class ReaderThread: Sendable {
    private let queue: DispatchQueue
    private let stuck = Lock(false)

    init(name: String) { queue = DispatchQueue(label: "reader \(name)") }

    var isStuck: Bool { stuck.with(\.self) }

    /// Runs the call and waits for it at most so long; after that the thread counts as lost.
    func run<Value: Sendable>(
        milliseconds: Int,
        _ call: @escaping @Sendable () -> Value
    ) throws(CardChannelFault) -> Value {
        guard !isStuck else { throw .stuck }
        let answer = Lock<Value?>(nil)
        let done = DispatchSemaphore(value: 0)
        queue.async {
            let value = call()
            answer.with { $0 = value }
            done.signal()
        }
        guard done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success,
            let value = answer.with(\.self)
        else {
            stuck.with { $0 = true }
            throw .stuck
        }
        return value
    }
}
