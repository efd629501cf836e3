import CardEngine
import Database
package import Encodings

/// 任务进度 How far a job is: for the progress on the console and the waiting command line. No personal data.
package enum JobStatus {
    /// The job as JSON, when the caller's role may see jobs.
    package static func of(_ name: String, for caller: Caller, _ office: Office) async -> Result<JSON, Refusal> {
        do throws(Refusal) { try await office.demand(JobSheet.permission, of: caller) } catch {
            return .failure(error)
        }
        // Another hall's job is none of this clerk's business, and not told apart from one that does not exist.
        var hall: String?
        if case .staff(let clerk) = caller { hall = clerk.hall }
        do throws(DatabaseFault) {
            let row = try await office.database.maybe(
                """
                SELECT j.state, j.phase, j.purpose, j.resumes, j.fault, j.card_us, j.batch, c.state AS card_state
                FROM perso_job j JOIN card c USING (card_id) JOIN desk d USING (desk_id)
                WHERE j.name = \(name) AND (\(hall)::text IS NULL OR d.hall = \(hall))
                """
            )
            guard let row else { return .failure(.absent(.job)) }
            let phase: String = try row.value("phase")
            let fault: String? = try row.value("fault")
            let cardState: Int16 = try row.value("card_state")
            let microseconds: Int64 = try row.value("card_us")
            let resumes: Int16 = try row.value("resumes")
            let batch: Int32 = try row.value("batch")
            let phases = PersonalisationPhase.allCases
            let index = PersonalisationPhase(rawValue: phase).flatMap { phases.firstIndex(of: $0) } ?? 0
            var members: [JSON.Member] = [
                .init("job", .string(name)), .init("state", .string(try row.value("state"))),
                .init("phase", .string(phase)),
                .init("purpose", .string(try row.value("purpose"))), .init("done", .integer(Int64(index))),
                .init("of", .integer(Int64(phases.count - 1))), .init("resumes", .integer(Int64(resumes))),
                .init("batches", .integer(Int64(batch))), .init("cardMicroseconds", .integer(microseconds)),
                .init("cardState", .integer(Int64(cardState))),
            ]
            if let fault { members.append(.init("fault", .string(fault))) }
            return .success(.object(members))
        } catch { return .failure(Refusal(error)) }
    }
}
