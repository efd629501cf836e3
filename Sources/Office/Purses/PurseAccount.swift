import Database

/// 钱包账户 The account of a card's purse as an act sees it. Lock order: purse after card.
enum PurseAccount {
    /// A locked account.
    struct Standing {
        let sequence: Int32
        let balanceFen: Int64
    }

    /// Opens the account of a card unless it is open; locks it.
    static func open(
        _ card: Int64,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> Standing {
        if let standing = try await find(card, in: transaction) { return standing }
        try await transaction.execute(
            """
            INSERT INTO purse_entry (card_id, seq, kind, delta_fen, balance_before, balance_after, idem, evidence_tx, at)
            VALUES (\(card), 1, 'open', 0, 0, 0, 'open', \(room.tx), \(room.now))
            """
        )
        try await transaction.execute("INSERT INTO purse (card_id, seq, balance_fen) VALUES (\(card), 1, 0)")
        return Standing(sequence: 1, balanceFen: 0)
    }

    /// Locks the account of a card; nil when none was opened.
    static func find(_ card: Int64, in transaction: borrowing Transaction) async throws -> Standing? {
        let row = try await transaction.maybe(
            "SELECT seq, balance_fen FROM purse WHERE card_id = \(card) FOR UPDATE"
        )
        guard let row else { return nil }
        return Standing(sequence: try row.value("seq"), balanceFen: try row.value("balance_fen"))
    }

    /// Adds one line: loads add, purchases take. The same key posts once.
    static func post(
        _ kind: String,
        _ deltaFen: Int64,
        to card: Int64,
        _ standing: Standing,
        key: String,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws {
        let after = standing.balanceFen + deltaFen
        try await transaction.execute(
            """
            INSERT INTO purse_entry (card_id, seq, kind, delta_fen, balance_before, balance_after, idem, evidence_tx, at)
            VALUES (\(card), \(standing.sequence + 1), \(kind), \(deltaFen), \(standing.balanceFen), \(after), \(key),
                \(room.tx), \(room.now))
            """
        )
        try await transaction.execute(
            """
            UPDATE purse SET seq = \(standing.sequence + 1), balance_fen = \(after) WHERE card_id = \(card)
            """
        )
    }
}
