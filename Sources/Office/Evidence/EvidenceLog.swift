import Cryptography
package import Database
package import Evidence

/// 存证日志 The log as anybody may ask it: checkpoint, hash tiles, receipts. Reads only.
package struct EvidenceLog: Sendable {
    /// What there is of a receipt.
    package enum Found: Sendable {
        case receipt(Receipt)
        /// The act is done; its index follows within a second.
        case pending
        case absent
    }

    private let database: Database
    private let hash = TreeHash(.sha256)

    /// The log in this database.
    package init(database: Database) { self.database = database }

    /// The last signed checkpoint; nil before the first.
    package func checkpoint() async throws -> String? {
        try await database.maybe(
            "SELECT note FROM evidence_note WHERE tree = \(LogRows.tree) ORDER BY size DESC LIMIT 1"
        )?.value("note")
    }

    /// The octets of a tile; nil unless all its hashes are there.
    package func tile(_ tile: Tile) async throws -> [UInt8]? {
        let hashes = try await database.transaction(access: .readOnly) { transaction in
            try await LogRows.hashes(of: tile, in: transaction)
        }
        return hashes.count == tile.width ? Array(hashes.joined()) : nil
    }

    /// The octets of an entry bundle, for auditors; nil unless all its entries are there.
    package func bundle(_ number: UInt64, width: Int) async throws -> [UInt8]? {
        let first = Int64(number) * 256
        let rows = try await database.all(
            "SELECT body FROM evidence_entry WHERE idx >= \(first) AND idx < \(first + Int64(width)) ORDER BY idx"
        )
        guard rows.count == width else { return nil }
        return try EntryBundle.encode(rows.map { Array(try $0.value("body", as: String.self).utf8) })
    }

    /// The receipt of an act, up to the last signed checkpoint.
    package func receipt(_ tx: [UInt8]) async throws -> Found {
        let hash = hash
        return try await database.transaction(isolation: .repeatableRead, access: .readOnly) { transaction in
            let row = try await transaction.maybe("SELECT idx, body FROM evidence_entry WHERE tx = \(tx)")
            guard let row else {
                let waits = try await transaction.maybe("SELECT 1 AS one FROM evidence_pending WHERE tx = \(tx)") != nil
                return waits ? .pending : .absent
            }
            let index = UInt64(try row.value("idx", as: Int64.self))
            guard let noted = try await LogRows.note(in: transaction), noted.size > index else { return .pending }
            guard let plan = ProofPlan(inclusion: index, size: noted.size) else { return .pending }
            var tiles: [Tile: [[UInt8]]] = [:]
            for tile in plan.tiles { tiles[tile] = try await LogRows.hashes(of: tile, in: transaction) }
            guard let path = plan.path(tiles, hash) else { throw Refusal.unavailable(.evidence) }
            return .receipt(
                try Receipt(
                    extra: Array(try row.value("body", as: String.self).utf8),
                    index: index,
                    path: path,
                    note: SignedNote(Array(noted.text.utf8))
                )
            )
        }
    }
}
