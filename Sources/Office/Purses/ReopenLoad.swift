package import Database
import Encodings

/// 圈存复核 A supervisor lets the card of a load under review be asked once more: what it proves decides, as ever.
package struct ReopenLoad: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "purse.load.reopen"

    private let card: [UInt8]
    private let reason: CaseReason

    /// Of the card with this reference.
    package init(card: [UInt8], reason: CaseReason) {
        self.card = card
        self.reason = reason
    }

    /// The job that waits for the card again.
    package func carryOut(
        in transaction: borrowing Transaction,
        _ room: ActRoom
    ) async throws -> Done<StartJob.Answer> {
        let row = try await CardMove.card(card, in: transaction)
        let load = try await transaction.maybe(
            """
            SELECT l.load_id, l.job_id, j.name FROM purse_load l JOIN perso_job j USING (job_id)
            WHERE l.card_id = \(row.id) AND l.state = 'REVIEW' FOR UPDATE OF l
            """
        )
        guard let load else { throw Refusal.conflict(.jobState("no load in review")) }
        let number: Int64 = try load.value("load_id")
        let job: Int64 = try load.value("job_id")
        try await transaction.execute(
            """
            UPDATE purse_load SET state = 'SENT', fault = NULL, updated_at = \(room.now) WHERE load_id = \(number)
            """
        )
        let touched = try await transaction.execute(
            """
            UPDATE perso_job SET state = 'UNKNOWN', resumes = 0, fault = NULL, updated_at = \(room.now)
            WHERE job_id = \(job) AND state = 'QUARANTINE'
            """
        )
        guard touched == 1 else { throw Refusal.conflict(.jobState("not set aside")) }
        let entry = Entry(
            object: CardMove.pseudonym(row.reference),
            from: "review",
            to: "sent",
            subject: row.resident,
            detail: ["reason": .string(reason.text)]
        )
        return Done(StartJob.Answer(job: try load.value("name")), entry)
    }
}
