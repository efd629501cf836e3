import Cryptography
package import Database
import Evidence
package import Octets

/// 定序 Gives pending entries their dense index, grows the tree, and signs what is durable.
///
/// An actor for the tree of the last turn, so that a turn need not read the right edge again. Two sequencers at once are
/// safe: an advisory lock lets one append, the size is unique, and each reads what the other has left. A kill anywhere is
/// safe: what is not committed stays pending, what is committed and not signed is signed at the next turn.
package actor Sequencer {
    /// The most entries of one turn.
    package static let batch = 1_024

    private let database: Database
    private let identity: LogIdentity
    private let copy: CheckpointCopy
    private let workers: WorkerThreads
    private var tree: TreeState?
    /// The largest size that this sequencer has signed or found signed.
    private var signed: UInt64 = 0

    /// A sequencer of this log.
    package init(database: Database, identity: LogIdentity, copy: CheckpointCopy, workers: WorkerThreads) {
        self.database = database
        self.identity = identity
        self.copy = copy
        self.workers = workers
    }

    /// One turn: entries in, checkpoint out. The number of entries that got their index.
    @discardableResult
    package func turn() async throws -> Int {
        let row = try await database.one(
            """
            SELECT EXISTS (SELECT FROM evidence_pending) AS waiting,
                coalesce((SELECT max(size) FROM evidence_checkpoint WHERE tree = \(LogRows.tree)), 0) AS size,
                coalesce((SELECT max(size) FROM evidence_note WHERE tree = \(LogRows.tree)), 0) AS noted
            """
        )
        let size = UInt64(try row.value("size", as: Int64.self))
        guard size >= signed else { throw LogFault.rolledBack(database: size, signed: signed) }
        let isWaiting: Bool = try row.value("waiting")
        let count = isWaiting ? try await sequence() : 0
        let noted = UInt64(try row.value("noted", as: Int64.self))
        if count > 0 || noted < size || signed < size { try await publish() }
        return count
    }

    /// Moves at most `batch` pending entries into the log and commits them with their checkpoint; signs nothing.
    package func sequence() async throws -> Int {
        let known = tree
        let hash = TreeHash(.sha256)
        let grown: (tree: TreeState, count: Int)?
        do {
            grown = try await database.transaction { transaction in
                let lock = try await transaction.one("SELECT pg_try_advisory_xact_lock(4841718) AS is_ours")
                guard try lock.value("is_ours") else { return nil }
                let head = try await LogRows.head(in: transaction)
                var tree = try await Self.tree(at: head, known, hash, in: transaction)
                let count = try await Self.append(to: &tree, in: transaction)
                return (tree, count)
            }
        } catch {
            tree = nil
            throw error
        }
        guard let grown else { return 0 }
        tree = grown.tree
        return grown.count
    }

    /// Signs the last checkpoint when nobody has, stores the note, and then the copy.
    package func publish() async throws {
        let state = try await database.transaction(access: .readOnly) { transaction in
            (head: try await LogRows.head(in: transaction), note: try await LogRows.note(in: transaction)?.text)
        }
        guard let head = state.head else { return }
        // A row that was changed after it was committed is not signed.
        guard tree?.size != head.size || tree?.root == head.root else { throw LogFault.forked(size: head.size) }
        var note = Array((state.note ?? "").utf8)
        if state.note == nil || identity.checkpoint(in: note)?.size != head.size {
            let checkpoint = Checkpoint(origin: identity.origin, size: head.size, root: head.root)
            let identity = identity
            let made = try await workers.run { try identity.sign(checkpoint) }
            note = made.encoded
            try await database.execute(
                """
                INSERT INTO evidence_note (tree, size, note)
                VALUES (\(LogRows.tree), \(Int64(head.size)), \(String(decoding: note, as: UTF8.self)))
                ON CONFLICT (tree, size) DO NOTHING
                """
            )
        }
        guard head.size > signed else { return }
        signed = head.size
        let octets = note
        let copy = copy
        try await workers.run { try copy.write(octets) }
    }

    /// 启动检查 Compares the right edge, the last checkpoint, its note and the copy; throws a `LogFault` at the first
    /// contradiction. Reads at most 255 rows a level.
    package func check() async throws {
        let copy = copy
        let kept = try await workers.run { try copy.read() }
        let identity = identity
        let hash = TreeHash(.sha256)
        let found: TreeState = try await database.transaction(isolation: .repeatableRead, access: .readOnly) {
            try await LogCheck(identity: identity, hash: hash).edge(copy: kept, in: $0)
        }
        tree = found
    }

    private static func tree(
        at head: LogRows.Head?,
        _ known: TreeState?,
        _ hash: TreeHash,
        in transaction: borrowing Transaction
    ) async throws -> TreeState {
        guard let head else {
            guard try await LogRows.entries(in: transaction) == 0 else {
                throw LogFault.entries(found: 1, checkpoint: 0)
            }
            return TreeState(hash)
        }
        if let known, known.size == head.size {
            guard known.root == head.root else { throw LogFault.forked(size: head.size) }
            return known
        }
        let state = try await LogRows.state(head.size, hash, in: transaction)
        guard let state, state.root == head.root else { throw LogFault.root(size: head.size) }
        return state
    }

    private static func append(to tree: inout TreeState, in transaction: borrowing Transaction) async throws -> Int {
        let rows = try await transaction.all(
            "SELECT id, body FROM evidence_pending ORDER BY id LIMIT \(Int64(batch))"
        )
        guard !rows.isEmpty else { return 0 }
        let first = Int64(tree.size)
        var ids: [Int64] = []
        var leaves: [[UInt8]] = []
        var full: [TreeState.FullTile] = []
        for row in rows {
            let body: String = try row.value("body")
            let leaf = tree.hash.leaf(Array(body.utf8))
            ids.append(try row.value("id"))
            leaves.append(leaf)
            full += tree.append(leaf: leaf)
        }
        _ = try await transaction.one("SELECT evidence_sequence(\(first), \(ids), \(leaves)) AS moved")
        for tile in full {
            try await transaction.execute(
                """
                INSERT INTO evidence_tile (tree, level, n, hashes, root)
                VALUES (\(LogRows.tree), \(Int16(tile.tile.level)), \(Int64(tile.tile.number)),
                    \(Array(tile.hashes.joined())), \(tile.root))
                """
            )
        }
        try await transaction.execute(
            """
            INSERT INTO evidence_checkpoint (tree, size, root)
            VALUES (\(LogRows.tree), \(Int64(tree.size)), \(tree.root))
            """
        )
        return rows.count
    }
}
