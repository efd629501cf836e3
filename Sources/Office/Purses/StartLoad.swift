import Cards
package import Database
import Encodings
import Octets
import Policies

/// 圈存 A clerk starts a load at a desk's reader: the amount is reserved, the desk agent pulls the job. Asked again for
/// the same amount, an open load goes on where it was.
package struct StartLoad: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "purse.load"
    /// In evidence.
    package static let evidenceName = "purse.load.reserve"

    private let card: [UInt8]
    private let desk: String
    private let reader: String
    private let amountFen: Int64

    /// In fen, above nothing and up to the city's limit.
    package init(card: [UInt8], desk: String, reader: String, amountFen: Int64) {
        self.card = card
        self.desk = desk
        self.reader = reader
        self.amountFen = amountFen
    }

    package func carryOut(
        in transaction: borrowing Transaction,
        _ room: ActRoom
    ) async throws -> Done<StartJob.Answer> {
        guard (1...Int64(room.city.purseLimitFen)).contains(amountFen) else {
            throw Refusal.invalid(field: "amountFen", .tooMany)
        }
        let start = StartJob(card: card, desk: desk, reader: reader, purpose: .load)
        let clerk = try await start.clerk(room, in: transaction)
        let row = try await CardMove.card(card, in: transaction)
        guard row.state == .active else { throw Refusal.conflict(.cardState(row.state.words.english)) }
        let standing = try await PurseAccount.open(row.id, room, in: transaction)
        if let open = try await openLoad(of: row.id, in: transaction) {
            guard try open.value("state") != "REVIEW" else { throw Refusal.conflict(.loadInReview) }
            guard try open.value("amount_fen") == amountFen else { throw Refusal.conflict(.loadOpen) }
        } else if standing.balanceFen + amountFen > Int64(room.city.purseLimitFen) {
            throw Refusal.conflict(.purseLimit)
        }
        let begun = try await start.begin(row, clerk, room, in: transaction)
        if let job = begun.fresh {
            try await transaction.execute(
                """
                INSERT INTO purse_load (load_id, job_id, card_id, amount_fen, terminal, state, created_at, updated_at)
                VALUES (\(room.rowNumber()), \(job), \(row.id), \(amountFen), \(LoadRows.terminal(of: desk)),
                    'RESERVED', \(room.now), \(room.now))
                """
            )
        }
        let entry = Entry(
            object: CardMove.pseudonym(row.reference),
            subject: row.resident,
            detail: ["job": .string(begun.name), "amountFen": .integer(amountFen)]
        )
        return Done(StartJob.Answer(job: begun.name), entry)
    }

    private func openLoad(of card: Int64, in transaction: borrowing Transaction) async throws -> Row? {
        try await transaction.maybe(
            """
            SELECT state, amount_fen FROM purse_load
            WHERE card_id = \(card) AND state IN ('RESERVED', 'SENT', 'REVIEW') FOR UPDATE
            """
        )
    }
}
