package import Cards
package import Database
import Octets

/// 卡单 One card as counters and telephone see it: where it stands and what desks have done for it. No personal data,
/// so reading it leaves no entry.
package struct CardSheet: Hashable, Sendable {
    /// One job of the card.
    package struct Work: Hashable, Sendable {
        /// Of the job.
        package let name: String
        /// `issue` or `activate`.
        package let purpose: String
        /// Where the job stands.
        package let state: JobState
        /// When a clerk began it.
        package let startedAt: Timestamp
    }

    /// Thirty-two hexadecimal digits.
    package let reference: String
    /// What kind of card.
    package let kind: CardKind
    /// Where the card stands.
    package let state: CardState
    /// When it was ordered.
    package let orderedAt: Timestamp
    /// Newest first.
    package let jobs: [Work]
    /// Whether its face has been drawn.
    package let hasArtwork: Bool

    /// The permission that policy is asked about.
    package static let permission = "card.show"

    /// The job that a desk still works on.
    package var openJob: Work? { jobs.first { $0.state.isOpen } }

    /// Reads a card by its reference.
    package static func of(
        _ reference: [UInt8],
        for caller: StaffCaller,
        _ office: Office
    ) async throws(Refusal) -> CardSheet {
        try await office.demand(permission, of: .staff(caller))
        do throws(DatabaseFault) {
            let row = try await office.database.maybe(
                """
                SELECT c.kind, c.state, c.ordered_at, a.card_id IS NOT NULL AS drawn
                FROM card c LEFT JOIN card_artwork a USING (card_id) WHERE c.reference = \(reference)
                """
            )
            guard let row else { throw DatabaseFault.noRow }
            let rows = try await office.database.all(
                """
                SELECT j.name, j.purpose, j.state, j.created_at FROM perso_job j JOIN card c USING (card_id)
                WHERE c.reference = \(reference) ORDER BY j.job_id DESC LIMIT 20
                """
            )
            return try CardSheet(reference, row, rows)
        } catch {
            throw error == .noRow ? .absent(.card) : Refusal(error)
        }
    }

    private init(_ reference: [UInt8], _ row: Row, _ rows: [Row]) throws(DatabaseFault) {
        guard let kind = CardKind(rawValue: try row.value("kind")),
            let state = CardState(rawValue: try row.value("state"))
        else { throw .unexpected("state") }
        var jobs: [Work] = []
        for row in rows {
            guard let state = JobState(rawValue: try row.value("state")) else { throw .unexpected("state") }
            jobs.append(
                Work(
                    name: try row.value("name"),
                    purpose: try row.value("purpose"),
                    state: state,
                    startedAt: try row.value("created_at")
                )
            )
        }
        self.reference = Hex.encode(reference)
        self.kind = kind
        self.state = state
        self.jobs = jobs
        orderedAt = try row.value("ordered_at")
        hasArtwork = try row.value("drawn")
    }
}
