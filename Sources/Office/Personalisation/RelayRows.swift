import CardEngine
import Database
import Encodings
import Octets

/// The rows of the relay: intent before a batch leaves, result after; both in one transaction from the second on.
enum RelayRows {
    /// Writes the last result and the next intent; keeps what the machine has proven so far.
    static func intend(
        _ job: RunningJob,
        _ result: RelayResult?,
        step: String,
        nonce: [UInt8],
        _ office: Office
    ) async throws {
        let secret = try sealedSecret(job, office)
        let now = office.now
        let number = Int32(job.batch)
        try await office.database.transaction { transaction in
            if let result { try await record(result, job, now, in: transaction) }
            let touched =
                if result == nil {
                    try await transaction.execute(
                        """
                        UPDATE perso_job SET state = 'RUNNING', fence = \(job.fence), resumes = \(job.resumes),
                            batch = \(number), chain = \(job.chain.head), phase = \(step), updated_at = \(now)
                        WHERE job_id = \(job.id) AND fence = \(job.fence - 1)
                            AND state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN')
                        """
                    )
                } else {
                    try await transaction.execute(
                        """
                        UPDATE perso_job SET batch = \(number), chain = \(job.chain.head), phase = \(step),
                            secret_enc = coalesce(\(secret), secret_enc), card_us = \(job.cardMicroseconds),
                            updated_at = \(now)
                        WHERE job_id = \(job.id) AND fence = \(job.fence) AND state = 'RUNNING'
                        """
                    )
                }
            guard touched == 1 else { throw Refusal.conflict(.jobState("taken over")) }
            let commands = Int16(job.sent?.script.commands.count ?? 0)
            try await transaction.execute(
                """
                INSERT INTO perso_batch (job_id, batch, nonce, phase, commands, sent_at)
                VALUES (\(job.id), \(number), \(nonce), \(step), \(commands), \(now))
                """
            )
        }
    }

    /// Writes the last result of a job that ends well.
    static func close(_ job: RunningJob, _ result: RelayResult, _ office: Office) async throws {
        let now = office.now
        try await office.database.transaction { transaction in
            try await record(result, job, now, in: transaction)
            try await transaction.execute(
                """
                UPDATE perso_job SET chain = \(job.chain.head), card_us = \(job.cardMicroseconds), updated_at = \(now)
                WHERE job_id = \(job.id) AND fence = \(job.fence)
                """
            )
        }
    }

    /// How a run ended that this process works on no more, when this is the answer that ended it: the agent that lost
    /// the reply asks again.
    static func ending(
        after result: RelayResult,
        desk: String,
        _ office: Office
    ) async throws -> RelayService.Ending {
        let run = result.job.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard run.count == 2, let fence = Int64(run[1]) else { return .presentAgain }
        let row = try await office.database.maybe(
            """
            SELECT j.state, j.purpose FROM perso_job j JOIN perso_batch b ON b.job_id = j.job_id AND b.batch = j.batch
            WHERE j.name = \(run[0]) AND j.fence = \(fence) AND j.desk_id = \(desk)
                AND b.batch = \(Int32(truncatingIfNeeded: result.number)) AND b.nonce = \(result.nonce)
            """
        )
        guard let row else { return .presentAgain }
        let isIssue = try row.value("purpose") == StartJob.Purpose.issue.rawValue
        let state: String = try row.value("state")
        return switch state {
        case "READY": .finished
        case "DONE": isIssue ? .finished : .activated
        case "QUARANTINE", "CANCELLED": .setAside
        default: .presentAgain
        }
    }

    /// Writes the last result of a job that waits for a person.
    static func suspend(
        _ job: RunningJob,
        _ result: RelayResult,
        state: String,
        resumes: Int16,
        fault: String,
        _ office: Office
    ) async throws {
        let now = office.now
        try await office.database.transaction { transaction in
            try await record(result, job, now, in: transaction)
            try await transaction.execute(
                """
                UPDATE perso_job SET state = \(state), resumes = \(resumes), fault = \(fault), updated_at = \(now)
                WHERE job_id = \(job.id) AND fence = \(job.fence) AND state = 'RUNNING'
                """
            )
        }
    }

    /// A day of the card's BCD dates.
    static func day(_ bcd: [UInt8]) throws -> DayNumber {
        let digits = Hex.encode(bcd)
        guard let year = Int(digits.prefix(4)), let month = Int(digits.dropFirst(4).prefix(2)),
            let day = Int(digits.suffix(2)), let days = CivilTime.days(year: year, month: month, day: day)
        else { throw Refusal.invalid(field: "date", .date) }
        return DayNumber(days: Int32(days))
    }

    private static func record(
        _ result: RelayResult,
        _ job: RunningJob,
        _ now: Timestamp,
        in transaction: borrowing Transaction
    ) async throws {
        try await transaction.execute(
            """
            UPDATE perso_batch SET status = \(result.status.rawValue), answered = \(Int16(result.responses.count)),
                chain = \(result.chain), card_us = \(result.cardMicroseconds), answered_at = \(now)
            WHERE job_id = \(job.id) AND batch = \(Int32(result.number))
            """
        )
    }

    private static func sealedSecret(_ job: RunningJob, _ office: Office) throws -> [UInt8]? {
        guard let machine = job.personalisation, let key = job.dataKey else { return nil }
        let secret = JobSecret(plan: machine.plan, memory: machine.memory)
        return try office.vault.seal(secret.json.encoded, table: "perso_job", column: "secret_enc", with: key)
    }
}
