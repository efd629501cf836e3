/// What a worker takes from the queue at once.
enum Work {
    case batch(Connection.BatchKind, [StatementJob])
    case exclusive(ExclusiveJob)
}
