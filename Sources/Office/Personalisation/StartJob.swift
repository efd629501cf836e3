import Cards
import CardEngine
package import Database
package import Encodings
import Octets

/// 制卡 / 激活 A clerk starts the card work of a desk's reader: the making of an ordered card, or the activation of a
/// finished one in its holder's presence. The desk agent pulls the job.
package struct StartJob: Act {
    package static let name = "card.personalise"

    /// What the desk shall do.
    package enum Purpose: String, Sendable {
        case issue, activate, load
    }

    package let card: [UInt8]
    package let desk: String
    package let reader: String
    package let purpose: Purpose

    package init(card: [UInt8], desk: String, reader: String, purpose: Purpose) {
        self.card = card
        self.desk = desk
        self.reader = reader
        self.purpose = purpose
    }

    /// The job's name.
    package struct Answer: WireValue {
        package let job: String

        package init(job: String) { self.job = job }

        package init?(json: JSON) {
            guard let job = json["job"]?.string else { return nil }
            self.init(job: job)
        }

        package var json: JSON { ["job": .string(job)] }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        let clerk = try await clerk(room, in: transaction)
        let card = try await CardMove.card(card, in: transaction)
        try check(card.state)
        let begun = try await begin(card, clerk, room, in: transaction)
        let detail: JSON? = begun.fresh == nil ? nil : ["purpose": .string(purpose.rawValue)]
        return Done(
            Answer(job: begun.name),
            Entry(object: "j:\(begun.name)", subject: card.resident, detail: detail)
        )
    }

    /// The clerk who asks, at a desk of his own hall.
    func clerk(_ room: ActRoom, in transaction: borrowing Transaction) async throws -> StaffCaller {
        guard case .staff(let clerk) = room.caller else {
            throw Refusal.forbidden(act: Self.name, role: room.caller.role)
        }
        guard (1...128).contains(reader.utf8.count) else { throw Refusal.invalid(field: "reader", .length) }
        let deskRow = try await transaction.maybe("SELECT hall FROM desk WHERE desk_id = \(desk) AND state = 1")
        guard let deskRow else { throw Refusal.absent(.desk) }
        guard try deskRow.value("hall") == clerk.hall else { throw Refusal.absent(.desk) }
        return clerk
    }

    /// Takes the card's open job of this purpose, moved to this reader, or begins one; `fresh` is the number of a job
    /// that was begun.
    func begin(
        _ card: CardMove.CardRow,
        _ clerk: StaffCaller,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> (name: String, fresh: Int64?) {
        if let name = try await standing(card, room, in: transaction) { return (name, nil) }
        let job = room.rowNumber()
        let name = "J-\(job)"
        let inserted = try await transaction.execute(
            """
            INSERT INTO perso_job (job_id, name, card_id, desk_id, reader, clerk, purpose, state, phase, csn, chain,
                secret_enc, created_at, updated_at)
            SELECT \(job), \(name), \(card.id), \(desk), \(reader), \(clerk.id), \(purpose.rawValue), 'QUEUED', 'identify',
                \(card.csn), \(RelayChain(job: name).head),
                (SELECT secret_enc FROM perso_job WHERE card_id = \(card.id) AND purpose = 'issue'
                    ORDER BY job_id DESC LIMIT 1), \(room.now), \(room.now)
            ON CONFLICT DO NOTHING
            """
        )
        guard inserted == 1 else { throw Refusal.conflict(.jobState("open")) }
        return (name, job)
    }

    private func check(_ state: CardState) throws {
        let isFit =
            switch purpose {
            case .issue: [.ordered, .personalising].contains(state)
            case .activate: state == .personalised
            // A load reserves an amount first: `StartLoad`.
            case .load: false
            }
        guard isFit else { throw Refusal.conflict(.cardState(state.words.english)) }
    }

    /// A job of this card that is open already: it is the one, here or moved here from another reader. A reader with
    /// another card's open job is refused.
    private func standing(
        _ card: CardMove.CardRow,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> String? {
        let open = try await transaction.all(
            """
            SELECT name, card_id, purpose FROM perso_job
            WHERE (card_id = \(card.id) OR (desk_id = \(desk) AND reader = \(reader)))
                AND state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN') FOR UPDATE
            """
        )
        var own: String?
        for row in open {
            guard try row.value("card_id") == card.id else { throw Refusal.conflict(.readerBusy) }
            guard try row.value("purpose") == purpose.rawValue else { throw Refusal.conflict(.jobState("open")) }
            own = try row.value("name")
        }
        guard let own else { return nil }
        try await transaction.execute(
            "UPDATE perso_job SET desk_id = \(desk), reader = \(reader), updated_at = \(room.now) WHERE name = \(own)"
        )
        return own
    }
}
