import Database
import Encodings
import Octets

/// 开始导入 Opens the job of a file, or finds the one that was begun: the same file is never taken twice.
struct BeginImport: Act {
    static let name = "resident.import"
    static let evidenceName = "import.begin"

    /// A keyed digest of the file.
    let file: [UInt8]
    /// Only for the first time: where the lines begin, behind the names of the columns.
    let offset: Int64
    let nextLine: Int64

    /// Where the job stands.
    struct Answer: WireValue {
        let job: Int64
        let offset: Int64
        let nextLine: Int64
        let accepted: Int64
        let refused: Int64
        let isDone: Bool
        let isFresh: Bool

        init(job: Int64, offset: Int64, nextLine: Int64, accepted: Int64, refused: Int64, isDone: Bool, isFresh: Bool) {
            self.job = job
            self.offset = offset
            self.nextLine = nextLine
            self.accepted = accepted
            self.refused = refused
            self.isDone = isDone
            self.isFresh = isFresh
        }

        /// Asked for without a key.
        init?(json: JSON) { nil }

        var json: JSON { ["job": .string(String(job))] }
    }

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        let fresh = room.rowNumber()
        let made = try await transaction.execute(
            """
            INSERT INTO import_job (import_id, kind, file_hash, state, octets_done, lines_done, started_at, updated_at)
            VALUES (\(fresh), \("residents"), \(file), \("RUNNING"), \(offset), \(nextLine), \(room.now), \(room.now))
            ON CONFLICT DO NOTHING
            """
        )
        let row = try await transaction.one(
            """
            SELECT import_id, octets_done, lines_done, accepted, refused, state FROM import_job
            WHERE kind = \("residents") AND file_hash = \(file)
            """
        )
        let job: Int64 = try row.value("import_id")
        let answer = Answer(
            job: job,
            offset: try row.value("octets_done"),
            nextLine: try row.value("lines_done"),
            accepted: try row.value("accepted"),
            refused: try row.value("refused"),
            isDone: try row.value("state") == "DONE",
            isFresh: made == 1
        )
        let entry = Entry(
            object: ImportResidents.reference(job),
            to: answer.isDone ? "done" : made == 1 ? "begun" : "resumed",
            detail: ["file": .string(Hex.encode(file))]
        )
        return Done(answer, entry)
    }
}
