import Database
import Evidence

/// What every start compares: entries, right edge, last checkpoint, its note, and the copy on another disk.
struct LogCheck: Sendable {
    let identity: LogIdentity
    let hash: TreeHash

    /// The tree at the last checkpoint; throws a `LogFault` at the first contradiction.
    func edge(copy: [UInt8]?, in transaction: borrowing Transaction) async throws -> TreeState {
        let entries = try await LogRows.entries(in: transaction)
        let head = try await LogRows.head(in: transaction)
        let size = head?.size ?? 0
        // First what was signed and is gone: this is what a backup put back looks like, whatever else is wrong with it.
        if let copy { try await compare(copy, size, in: transaction) }
        guard entries == size else { throw LogFault.entries(found: entries, checkpoint: size) }
        let state = try await LogRows.state(size, hash, in: transaction)
        guard let state, state.root == head?.root ?? hash.empty else { throw LogFault.root(size: size) }
        if let note = try await LogRows.note(in: transaction) {
            guard let checkpoint = identity.checkpoint(in: Array(note.text.utf8)), checkpoint.size == note.size else {
                throw LogFault.note(size: note.size)
            }
            let root = try await LogRows.root(of: note.size, in: transaction)
            guard root == checkpoint.root else { throw LogFault.forked(size: note.size) }
        }
        return state
    }

    private func compare(_ copy: [UInt8], _ size: UInt64, in transaction: borrowing Transaction) async throws {
        guard let kept = identity.checkpoint(in: copy) else { throw LogFault.copy }
        guard kept.size <= size else { throw LogFault.rolledBack(database: size, signed: kept.size) }
        let root = try await LogRows.root(of: kept.size, in: transaction)
        guard root == kept.root else { throw LogFault.forked(size: kept.size) }
    }
}
