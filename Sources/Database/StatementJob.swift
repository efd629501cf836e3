/// A statement that may share a pipeline with others.
struct StatementJob: Sendable {
    let query: Query
    let kind: Connection.BatchKind
    let deadline: ContinuousClock.Instant
    let interrupt: Interrupt
    let reply: Reply<Answer>

    var hasExpired: Bool { ContinuousClock.now >= deadline }
}
