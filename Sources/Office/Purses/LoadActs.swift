import CardEngine
import Database
import Encodings
import KeyHierarchy

/// 圈存入账 The card has proven the load: the account gets it, once.
struct CommitLoad: Act {
    static let name = "relay.load"
    static let evidenceName = "purse.load"
    typealias Answer = NoAnswer

    let job: Int64
    let fence: Int64
    let certificate: [UInt8]
    let balanceFen: UInt32

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        let row = try await transaction.one(
            "SELECT load_id, card_id, amount_fen FROM purse_load WHERE job_id = \(job)"
        )
        let card = try await CardMove.card(id: try row.value("card_id"), in: transaction)
        let account = try await PurseAccount.open(card.id, room, in: transaction)
        let load: Int64 = try row.value("load_id")
        let touched = try await transaction.execute(
            """
            UPDATE purse_load SET state = 'COMMITTED', tac = \(certificate), updated_at = \(room.now)
            WHERE load_id = \(load) AND state = 'SENT'
            """
        )
        let closed = try await transaction.execute(
            """
            UPDATE perso_job SET state = 'DONE', phase = 'finished', fault = NULL, updated_at = \(room.now)
            WHERE job_id = \(job) AND fence = \(fence) AND state = 'RUNNING'
            """
        )
        guard touched == 1, closed == 1 else { throw Refusal.conflict(.jobState("taken over")) }
        let amount: Int64 = try row.value("amount_fen")
        try await PurseAccount.post("load", amount, to: card.id, account, key: "load:\(load)", room, in: transaction)
        try await transaction.execute(
            """
            UPDATE purse SET proven_fen = \(Int64(balanceFen)), proven_at = \(room.now) WHERE card_id = \(card.id)
            """
        )
        let entry = Entry(
            object: CardMove.pseudonym(card.reference),
            from: "sent",
            to: "committed",
            key: try room.keys.current("card.app.\(CardKeys.purse).load").name.description,
            subject: card.resident,
            detail: ["amountFen": .integer(amount), "cardFen": .integer(Int64(balanceFen))]
        )
        return Done(NoAnswer(), entry)
    }
}

/// 圈存未成 Nothing was loaded and that is proven, or it is not known and a person decides: never reversed by itself.
struct EndLoad: Act {
    static let name = "relay.load.end"
    static let evidenceName = "purse.load"
    typealias Answer = NoAnswer

    /// How it ends.
    enum Outcome: String, Sendable {
        case void = "VOID"
        case review = "REVIEW"
    }

    let job: Int64
    let fence: Int64
    let outcome: Outcome
    let fault: String

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        let row = try await transaction.one("SELECT card_id, state FROM purse_load WHERE job_id = \(job)")
        let card = try await CardMove.card(id: try row.value("card_id"), in: transaction)
        // What was never sent needs no person.
        let isSent = try row.value("state") != "RESERVED"
        let outcome = isSent ? outcome : .void
        let touched = try await transaction.execute(
            """
            UPDATE purse_load SET state = \(outcome.rawValue), fault = \(fault), updated_at = \(room.now)
            WHERE job_id = \(job) AND state IN ('RESERVED', 'SENT')
            """
        )
        let closed = try await transaction.execute(
            """
            UPDATE perso_job SET state = \(outcome == .void ? "CANCELLED" : "QUARANTINE"), fault = \(fault),
                updated_at = \(room.now)
            WHERE job_id = \(job) AND fence <= \(fence) AND state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN')
            """
        )
        guard touched == 1, closed == 1 else { throw Refusal.conflict(.jobState("taken over")) }
        let entry = Entry(
            object: CardMove.pseudonym(card.reference),
            from: isSent ? "sent" : "reserved",
            to: outcome.rawValue.lowercased(),
            subject: card.resident,
            detail: ["fault": .string(fault)]
        )
        return Done(NoAnswer(), entry)
    }
}
