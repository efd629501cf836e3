package import Cards
import CardEngine
package import Database
import Octets

/// 任务单 One job of a desk as the console's progress shows it: only jobs of the caller's own hall. No personal data.
package struct JobSheet: Hashable, Sendable {
    /// Under which desk and console know it.
    package let name: String
    /// The card's reference.
    package let card: String
    /// Where the card stands.
    package let cardState: CardState
    /// The desk that works on it.
    package let desk: String
    /// The reader at that desk.
    package let reader: String
    /// What the desk shall do.
    package let purpose: StartJob.Purpose
    /// Where the job stands.
    package let state: JobState
    /// As the machine calls it; after the last one `finished`.
    package let phase: String
    /// How often it went on after a tear or a restart.
    package let resumes: Int
    /// Why it stopped, as a word for the log.
    package let fault: String?
    /// When a clerk began it.
    package let startedAt: Timestamp

    /// The permission that policy is asked about.
    package static let permission = "job.show"

    /// One job by name; one of another hall is as absent as none.
    package static func of(
        _ name: String,
        for caller: StaffCaller,
        _ office: Office
    ) async throws(Refusal) -> JobSheet {
        let found = try await read("j.name = \(name) AND d.hall = \(caller.hall)", for: caller, office)
        guard let job = found.first else { throw .absent(.job) }
        return job
    }

    /// The newest jobs of the hall, fifty at most.
    package static func ofHall(_ caller: StaffCaller, _ office: Office) async throws(Refusal) -> [JobSheet] {
        try await read("d.hall = \(caller.hall)", for: caller, office)
    }

    private static func read(
        _ condition: Query,
        for caller: StaffCaller,
        _ office: Office
    ) async throws(Refusal) -> [JobSheet] {
        try await office.demand(permission, of: .staff(caller))
        do throws(DatabaseFault) {
            let rows = try await office.database.all(
                """
                SELECT j.name, c.reference, c.state AS card_state, j.desk_id, j.reader, j.purpose, j.state, j.phase,
                    j.resumes, j.fault, j.created_at
                FROM perso_job j JOIN card c USING (card_id) JOIN desk d USING (desk_id)
                WHERE \(fragment: condition) ORDER BY j.job_id DESC LIMIT 50
                """
            )
            var jobs: [JobSheet] = []
            for row in rows { jobs.append(try JobSheet(row)) }
            return jobs
        } catch { throw Refusal(error) }
    }

    private init(_ row: Row) throws(DatabaseFault) {
        guard let state = JobState(rawValue: try row.value("state")),
            let cardState = CardState(rawValue: try row.value("card_state")),
            let purpose = StartJob.Purpose(rawValue: try row.value("purpose"))
        else { throw .unexpected("state") }
        let reference: [UInt8] = try row.value("reference")
        let resumes: Int16 = try row.value("resumes")
        name = try row.value("name")
        card = Hex.encode(reference)
        self.cardState = cardState
        desk = try row.value("desk_id")
        reader = try row.value("reader")
        self.purpose = purpose
        self.state = state
        phase = try row.value("phase")
        self.resumes = Int(resumes)
        fault = try row.value("fault")
        startedAt = try row.value("created_at")
    }
}
