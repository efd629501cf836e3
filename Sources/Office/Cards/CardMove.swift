import Cards
import Database

/// Moves a card along its life: the table decides, the history row comes first, the database refuses what neither
/// lists. Lock order: card after resident.
enum CardMove {
    /// A card's row as an act sees it.
    struct CardRow {
        let id: Int64
        let reference: [UInt8]
        let resident: Int64
        let kind: CardKind
        let state: CardState
        let rowVersion: Int32
        let csn: [UInt8]?
    }

    /// Reads and locks a card by its reference.
    static func card(_ reference: [UInt8], in transaction: borrowing Transaction) async throws -> CardRow {
        try row(
            await transaction.maybe(
                """
                SELECT card_id, reference, resident_id, kind, state, row_ver, csn FROM card
                WHERE reference = \(reference) FOR UPDATE
                """
            )
        )
    }

    /// Reads and locks a card by its row number.
    static func card(id: Int64, in transaction: borrowing Transaction) async throws -> CardRow {
        try row(
            await transaction.maybe(
                """
                SELECT card_id, reference, resident_id, kind, state, row_ver, csn FROM card
                WHERE card_id = \(id) FOR UPDATE
                """
            )
        )
    }

    private static func row(_ row: Row?) throws -> CardRow {
        guard let row else { throw Refusal.absent(.card) }
        guard let kind = CardKind(rawValue: try row.value("kind")),
            let state = CardState(rawValue: try row.value("state"))
        else { throw Refusal.unavailable(.database) }
        return CardRow(
            id: try row.value("card_id"),
            reference: try row.value("reference"),
            resident: try row.value("resident_id"),
            kind: kind,
            state: state,
            rowVersion: try row.value("row_ver"),
            csn: try row.value("csn")
        )
    }

    /// Carries out an event; gives the new state.
    @discardableResult
    static func move(
        _ card: CardRow,
        _ event: CardEvent,
        reason: String? = nil,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> CardState {
        guard let next = CardLife.next(card.state, event) else {
            throw Refusal.conflict(.cardState(card.state.words.english))
        }
        try await transaction.execute(
            """
            INSERT INTO card_event (card_id, seq, from_state, to_state, actor, reason, evidence_tx, at)
            VALUES (\(card.id), \(card.rowVersion + 1), \(card.state.rawValue), \(next.rawValue), \(room.caller.reference),
                \(reason), \(room.tx), \(room.now))
            """
        )
        let touched = try await transaction.execute(
            """
            UPDATE card SET state = \(next.rawValue), row_ver = \(card.rowVersion + 1)
            WHERE card_id = \(card.id) AND row_ver = \(card.rowVersion)
            """
        )
        guard touched == 1 else { throw Refusal.conflict(.cardState("moved meanwhile")) }
        try await certificates(of: card, in: next, transaction)
        return next
    }

    /// The certificates follow the card; what was revoked stays so.
    private static func certificates(
        of card: CardRow,
        in state: CardState,
        _ transaction: borrowing Transaction
    ) async throws {
        guard let due = state.certificates, due != card.state.certificates else { return }
        try await transaction.execute(
            """
            UPDATE certificate SET state = \(due.rawValue)
            WHERE card_id = \(card.id) AND state <> \(due.rawValue) AND state <> \(CertificateState.revoked.rawValue)
            """
        )
    }
}
