/// A statement that may share a pipeline with others.
struct StatementJob: Sendable {
    let query: Query
    let kind: Connection.BatchKind
    let deadline: ContinuousClock.Instant
    let interrupt: Interrupt
    let reply: Reply<Answer>

    var hasExpired: Bool { ContinuousClock.now >= deadline }
}

/// Work that has a connection for itself. The worker calls it with the connection, or with why there is none.
struct ExclusiveJob: Sendable {
    let deadline: ContinuousClock.Instant
    let interrupt: Interrupt
    let perform: @Sendable (Result<Connection, DatabaseFault>) -> Void

    var hasExpired: Bool { ContinuousClock.now >= deadline }
}

/// What a worker takes from the queue at once.
enum Work {
    case batch(Connection.BatchKind, [StatementJob])
    case exclusive(ExclusiveJob)
}
