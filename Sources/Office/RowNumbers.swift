package import Database
import Octets

/// Numbers for rows: 41 bits of milliseconds, 10 of node, 12 of counter. Sorted by time, made without a round trip.
/// They never leave the house: cards and codes carry random references.
package final class RowNumbers: Sendable {
    private let node: Int64
    private let state = Lock((millisecond: Int64(0), counter: Int64(0)))

    /// Numbers of one service node, 0 to 1023.
    package init(node: Int64) { self.node = node & 0x3FF }

    /// The next number; never the same twice, also when the clock steps back.
    package func next(at now: Timestamp) -> Int64 {
        // Milliseconds since 2020-01-01.
        let millisecond = now.microseconds / 1000 - 1_577_836_800_000
        return state.with { state in
            if millisecond > state.millisecond {
                state = (millisecond, 0)
            } else {
                state.counter += 1
                if state.counter > 0xFFF { state = (state.millisecond + 1, 0) }
            }
            return state.millisecond << 22 | node << 12 | state.counter
        }
    }
}
