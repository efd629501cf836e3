import Cryptography
package import Database
import Evidence
import Octets

/// 日志核验 `log fsck`: what the start compares, and with `full` the whole tree again from the rows. It stops at the first
/// finding, which names the first entry that differs.
package struct LogAudit: Sendable {
    /// What is wrong.
    package enum Finding: Hashable, Sendable {
        case fault(LogFault)
        case missing(index: UInt64)
        /// The body does not hash to its leaf, or speaks of another act.
        case body(index: UInt64)
        /// A stored tile has another hash at this entry.
        case tile(String, index: UInt64)
        /// The entries since the last good checkpoint lead to another root.
        case checkpoint(size: UInt64, from: UInt64)
        case note(size: UInt64)
        case surplus(table: String)
        /// A row refers to an act that is neither in the log nor on its way there.
        case unproved(table: String)
    }

    /// How much to read.
    package enum Depth: Hashable, Sendable { case edge, full }

    /// What was read, and what was found.
    package struct Report: Sendable {
        package fileprivate(set) var entries: UInt64 = 0
        package fileprivate(set) var tiles: UInt64 = 0
        package fileprivate(set) var checkpoints: UInt64 = 0
        package fileprivate(set) var finding: Finding?
    }

    private struct Stop: Error { let finding: Finding }

    private let database: Database
    private let identity: LogIdentity
    private let copy: CheckpointCopy
    private let hash = TreeHash(.sha256)

    /// Rows read at once.
    private static let part: UInt64 = 8_192

    /// An audit of this log.
    package init(database: Database, identity: LogIdentity, copy: CheckpointCopy) {
        self.database = database
        self.identity = identity
        self.copy = copy
    }

    /// Reads one moment of the database. Throws what keeps it from reading; what is wrong is in the report.
    package func run(_ depth: Depth) async throws -> Report {
        var report = Report()
        do {
            let kept = try copy.read()
            report = try await database.transaction(
                isolation: .repeatableRead,
                access: .readOnly,
                deadline: .now + .seconds(86_400)
            ) { transaction in
                try await transaction.execute("SET LOCAL statement_timeout = 0")
                var report = Report()
                do {
                    if depth == .full { try await rebuild(&report, in: transaction) }
                    let check = LogCheck(identity: identity, hash: hash)
                    report.entries = try await check.edge(copy: kept, in: transaction).size
                    try await references(in: transaction)
                } catch let stop as Stop {
                    report.finding = stop.finding
                } catch let fault as LogFault {
                    report.finding = .fault(fault)
                }
                return report
            }
        }
        return report
    }

    private func rebuild(_ report: inout Report, in transaction: borrowing Transaction) async throws {
        let size = try await LogRows.entries(in: transaction)
        var tree = TreeState(hash)
        var lastGood: UInt64 = 0
        while tree.size < size {
            let start = tree.size
            let end = min(start + Self.part, size)
            var heads = try await checkpoints(after: start, upTo: end, in: transaction)[...]
            let rows = try await transaction.all(
                """
                SELECT idx, tx, body, leaf256 FROM evidence_entry
                WHERE idx >= \(Int64(start)) AND idx < \(Int64(end)) ORDER BY idx
                """
            )
            for row in rows {
                let leaf = try checked(row, at: tree.size)
                for tile in tree.append(leaf: leaf) {
                    report.tiles += 1
                    try await compare(tile, in: transaction)
                    if tile.tile.level == 0 { lastGood = tree.size }
                }
                guard let head = heads.first, head.size == tree.size else { continue }
                heads.removeFirst()
                report.checkpoints += 1
                guard head.root == tree.root else { throw Stop(finding: .checkpoint(size: head.size, from: lastGood)) }
                try check(head)
                lastGood = head.size
            }
            guard tree.size == end else { throw Stop(finding: .missing(index: tree.size)) }
            report.entries = tree.size
        }
        let row = try await transaction.one(
            """
            SELECT (SELECT count(*) FROM evidence_tile WHERE tree = \(LogRows.tree)) AS tiles,
                (SELECT count(*) FROM evidence_checkpoint WHERE tree = \(LogRows.tree)) AS checkpoints
            """
        )
        guard UInt64(try row.value("tiles", as: Int64.self)) == report.tiles else {
            throw Stop(finding: .surplus(table: "evidence_tile"))
        }
        guard UInt64(try row.value("checkpoints", as: Int64.self)) == report.checkpoints else {
            // What is beyond the last entry is a rollback, which the comparison with the edge names with both sizes.
            let head = try await LogRows.head(in: transaction)
            if let head, head.size > size { throw LogFault.entries(found: size, checkpoint: head.size) }
            throw Stop(finding: .surplus(table: "evidence_checkpoint"))
        }
    }

    /// The leaf of a row that says itself what it should.
    private func checked(_ row: Row, at index: UInt64) throws -> [UInt8] {
        guard try row.value("idx", as: Int64.self) == Int64(index) else { throw Stop(finding: .missing(index: index)) }
        let body: String = try row.value("body")
        let leaf = hash.leaf(Array(body.utf8))
        let mark = "\"tx\":\"\(Hex.encode(try row.value("tx", as: [UInt8].self)))\""
        guard try row.value("leaf256") == leaf, body.hasSuffix(mark + ",\"v\":1}") || body.contains(mark) else {
            throw Stop(finding: .body(index: index))
        }
        return leaf
    }

    private func compare(_ made: TreeState.FullTile, in transaction: borrowing Transaction) async throws {
        let tile = made.tile
        let span = UInt64(1) << UInt64(8 * tile.level)
        let row = try await transaction.maybe(
            """
            SELECT hashes, root FROM evidence_tile
            WHERE tree = \(LogRows.tree) AND level = \(Int16(tile.level)) AND n = \(Int64(tile.number))
            """
        )
        let name = TilePath.hashes(tile).text
        let stored = LogRows.split(try row?.value("hashes") ?? [])
        let place = zip(made.hashes, stored).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        guard stored.count == made.hashes.count, place == nil, try row?.value("root") == made.root else {
            throw Stop(finding: .tile(name, index: (tile.number * 256 + UInt64(place ?? 0)) * span))
        }
    }

    private struct NotedHead {
        let size: UInt64
        let root: [UInt8]
        let note: String?
    }

    private func checkpoints(
        after start: UInt64,
        upTo end: UInt64,
        in transaction: borrowing Transaction
    ) async throws -> [NotedHead] {
        let rows = try await transaction.all(
            """
            SELECT size, root, note FROM evidence_checkpoint LEFT JOIN evidence_note USING (tree, size)
            WHERE tree = \(LogRows.tree) AND size > \(Int64(start)) AND size <= \(Int64(end)) ORDER BY size
            """
        )
        return try rows.map { row in
            NotedHead(
                size: UInt64(try row.value("size", as: Int64.self)),
                root: try row.value("root"),
                note: try row.value("note")
            )
        }
    }

    private func check(_ head: NotedHead) throws {
        guard let note = head.note else { return }
        let checkpoint = identity.checkpoint(in: Array(note.utf8))
        guard checkpoint?.size == head.size, checkpoint?.root == head.root else {
            throw Stop(finding: .note(size: head.size))
        }
    }

    private func references(in transaction: borrowing Transaction) async throws {
        let row = try await transaction.one(
            """
            SELECT (SELECT count(*) FROM card_event r WHERE \(fragment: Self.isUnproved)) AS cards,
                (SELECT count(*) FROM key_version r WHERE \(fragment: Self.isUnproved)) AS keys
            """
        )
        if try row.value("cards", as: Int64.self) > 0 { throw Stop(finding: .unproved(table: "card_event")) }
        if try row.value("keys", as: Int64.self) > 0 { throw Stop(finding: .unproved(table: "key_version")) }
    }

    private static let isUnproved: Query = """
        NOT EXISTS (SELECT FROM evidence_entry e WHERE e.tx = r.evidence_tx)
            AND NOT EXISTS (SELECT FROM evidence_pending p WHERE p.tx = r.evidence_tx)
        """
}
