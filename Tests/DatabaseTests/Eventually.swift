import Testing

/// Asks again and again, without a sleep, until the answer is yes; records an issue after thirty seconds.
func eventually(
    _ what: Comment,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ holds: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
        if try await holds() { return }
        await Task.yield()
    }
    Issue.record(what, sourceLocation: sourceLocation)
}

/// A gate that one task opens and others wait for.
struct Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func open() { continuation.finish() }

    func wait() async { for await _ in stream {} }
}
