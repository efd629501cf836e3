/// Work that has a connection for itself. The worker calls it with the connection, or with why there is none.
struct ExclusiveJob: Sendable {
    let deadline: ContinuousClock.Instant
    let interrupt: Interrupt
    let perform: @Sendable (Result<Connection, DatabaseFault>) -> Void

    var hasExpired: Bool { ContinuousClock.now >= deadline }
}
