import Octets

/// Keeps the lines that a server or a router writes.
struct Recorder: Sendable {
    private let lines = Lock<[String]>([])

    /// All lines so far.
    var all: [String] { lines.with { $0 } }

    /// Keeps one line.
    @Sendable func add(_ line: String) { lines.with { $0.append(line) } }
}
