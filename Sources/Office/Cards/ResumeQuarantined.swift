import Cards
package import Database

/// 隔离卡续制 Two persons decide that a card which was set aside is finished: the same chip, from where it was proven.
package struct ResumeQuarantined: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.quarantine.resume"

    private let card: [UInt8]
    private let second: SecondPerson
    private let reason: CaseReason

    /// Of the card with this reference.
    package init(card: [UInt8], second: SecondPerson, reason: CaseReason) {
        self.card = card
        self.second = second
        self.reason = reason
    }

    package func carryOut(
        in transaction: borrowing Transaction,
        _ room: ActRoom
    ) async throws -> Done<CardStanding> {
        try second.check(room)
        let row = try await CardMove.card(card, in: transaction)
        let next = try await CardMove.move(row, .resume, reason: reason.text, room, in: transaction)
        let touched = try await transaction.execute(
            """
            UPDATE perso_job SET state = 'UNKNOWN', resumes = 0, fault = NULL, updated_at = \(room.now)
            WHERE job_id = (SELECT max(job_id) FROM perso_job WHERE card_id = \(row.id) AND purpose = 'issue')
                AND state = 'QUARANTINE'
            """
        )
        guard touched == 1 else { throw Refusal.conflict(.jobState("not set aside")) }
        return CardMove.done(row, next, reason, detail: [second.member])
    }
}
