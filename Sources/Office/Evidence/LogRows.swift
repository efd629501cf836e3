import Database
import Evidence

/// The rows of the evidence log as a transaction reads them: checkpoints, tiles, the right edge.
enum LogRows {
    /// The number of the SHA-256 tree in the tables.
    static let tree: Int16 = 1

    /// A size with its root.
    struct Head: Hashable, Sendable {
        let size: UInt64
        let root: [UInt8]
    }

    static func entries(in transaction: borrowing Transaction) async throws -> UInt64 {
        let row = try await transaction.one("SELECT coalesce(max(idx) + 1, 0) AS entries FROM evidence_entry")
        return UInt64(try row.value("entries", as: Int64.self))
    }

    static func head(in transaction: borrowing Transaction) async throws -> Head? {
        let row = try await transaction.maybe(
            "SELECT size, root FROM evidence_checkpoint WHERE tree = \(tree) ORDER BY size DESC LIMIT 1"
        )
        return try row.map { Head(size: UInt64(try $0.value("size", as: Int64.self)), root: try $0.value("root")) }
    }

    static func root(of size: UInt64, in transaction: borrowing Transaction) async throws -> [UInt8]? {
        try await transaction.maybe(
            "SELECT root FROM evidence_checkpoint WHERE tree = \(tree) AND size = \(Int64(size))"
        )?.value("root")
    }

    /// The last note, with the size it speaks of.
    static func note(in transaction: borrowing Transaction) async throws -> (size: UInt64, text: String)? {
        let row = try await transaction.maybe(
            "SELECT size, note FROM evidence_note WHERE tree = \(tree) ORDER BY size DESC LIMIT 1"
        )
        guard let row else { return nil }
        return (UInt64(try row.value("size", as: Int64.self)), try row.value("note"))
    }

    /// The tree of a size from its right edge; nil when rows are missing there.
    static func state(
        _ size: UInt64,
        _ hash: TreeHash,
        in transaction: borrowing Transaction
    ) async throws -> TreeState? {
        var edge: [[[UInt8]]] = []
        var tiles = Tile.edge(of: size)[...]
        var level = 0
        while let next = tiles.first {
            if next.level == level {
                edge.append(try await hashes(of: next, in: transaction))
                tiles.removeFirst()
            } else {
                edge.append([])
            }
            level += 1
        }
        while (size >> UInt64(8 * level)) > 0, level < 8 {
            edge.append([])
            level += 1
        }
        return TreeState(hash, size: size, edge: edge)
    }

    /// The hashes of a tile, as many as there are. A full tile has a row; a partial one is read from the leaves, or from
    /// the roots of the full tiles below it.
    static func hashes(of tile: Tile, in transaction: borrowing Transaction) async throws -> [[UInt8]] {
        let number = Int64(tile.number)
        if tile.isFull {
            let row = try await transaction.maybe(
                """
                SELECT hashes FROM evidence_tile
                WHERE tree = \(tree) AND level = \(Int16(tile.level)) AND n = \(number)
                """
            )
            if let row { return split(try row.value("hashes")) }
        }
        let first = number * 256
        let end = first + Int64(tile.width)
        let rows =
            if tile.level == 0 {
                try await transaction.all(
                    "SELECT leaf256 AS hash FROM evidence_entry WHERE idx >= \(first) AND idx < \(end) ORDER BY idx"
                )
            } else {
                try await transaction.all(
                    """
                    SELECT root AS hash FROM evidence_tile
                    WHERE tree = \(tree) AND level = \(Int16(tile.level - 1)) AND n >= \(first) AND n < \(end) ORDER BY n
                    """
                )
            }
        return try rows.map { try $0.value("hash") }
    }

    static func split(_ octets: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: octets.count, by: 32).map { Array(octets[$0..<min($0 + 32, octets.count)]) }
    }
}
