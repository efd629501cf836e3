import Database
import Encodings
import Foundation
import KeyHierarchy
import Octets

/// 批量导入居民 Takes a CSV file of residents into the register: batch by batch, each whole or not at all.
///
/// Reading, sealing and loading run beside each other, with two batches ahead at most, so memory does not grow with the
/// file. A run that was killed goes on behind the last committed batch when the same file is given again.
package struct ImportResidents: Sendable {
    /// 进度 How far the import is.
    package struct Progress: Hashable, Sendable {
        /// The line that comes next.
        package var line: Int64
        package var accepted: Int64
        package var refused: Int64
        package var octetsDone: Int64
        package let octetsTotal: Int64
    }

    /// What a watcher is told.
    package enum Stage: Hashable, Sendable {
        /// The refused lines of a batch are in the report, the batch is not committed yet.
        case reported
        case committed
    }

    /// 结果 What became of the file.
    package struct Outcome: Hashable, Sendable {
        package let progress: Progress
        package let encoding: TextEncoding
        /// Where the refused lines are; nil when there are none.
        package let report: String?
        /// Lines before this run.
        package let resumedAt: Int64?
        /// The file had been taken before: nothing was done.
        package let wasDone: Bool
    }

    /// Lines of one batch at most.
    package static let batchLimit = 1000

    private let office: Office
    private let caller: Caller
    private let path: String
    private let reportPath: String
    private let encoding: TextEncoding?
    private let watch: @Sendable (Stage, Progress) async throws -> Void

    /// An import by a caller who may; the report lies beside the file unless a path is given. What the watcher throws
    /// stops the import where it stands.
    package init(
        office: Office,
        caller: Caller,
        file: String,
        report: String? = nil,
        encoding: TextEncoding? = nil,
        watch: @escaping @Sendable (Stage, Progress) async throws -> Void = { _, _ in }
    ) {
        self.office = office
        self.caller = caller
        path = file
        reportPath = report ?? file + ".report.csv"
        self.encoding = encoding
        self.watch = watch
    }

    /// Imports to the end of the file; throws `ImportFault`, or what the watcher throws.
    package func run() async throws -> Outcome {
        let files = WorkerThreads(count: 1, name: "import-file")
        let path = path
        let survey = try await files.run { try ImportSource.survey(path) }
        let encoding = encoding ?? survey.encoding
        let (columns, offset, firstLine) = try await files.run { try Self.columns(path, encoding) }
        let begun = try await begin(survey.digest, offset, firstLine)
        var progress = Progress(
            line: begun.nextLine,
            accepted: begun.accepted,
            refused: begun.refused,
            octetsDone: begun.offset,
            octetsTotal: survey.size
        )
        if !begun.isDone {
            let ledger = ImportLedger(
                try ImportReport(reportPath, nextLine: begun.nextLine, isFresh: begun.isFresh),
                progress,
                watch: watch
            )
            let source = try ImportSource(path, offset: begun.offset, line: begun.nextLine)
            let pipeline = ImportPipeline(source, columns, encoding, office, files: files, progress: progress)
            try await loadAll(of: pipeline, job: begun.job, ledger)
            progress = await ledger.progress
        }
        return Outcome(
            progress: progress,
            encoding: encoding,
            report: progress.refused > 0 ? reportPath : nil,
            resumedAt: begun.isFresh || begun.isDone ? nil : begun.nextLine,
            wasDone: begun.isDone
        )
    }

    /// How evidence names a job.
    static func reference(_ job: Int64) -> String { "import:" + Hex.encode(job.bigEndianOctets) }

    private func begin(_ digest: [UInt8], _ offset: Int64, _ line: Int64) async throws -> BeginImport.Answer {
        do {
            // Keyed: the digest of a short file could be searched.
            let file = try office.keys.mac("evidence.commit", Array("citizen/import-file/v1".utf8) + [0] + digest)
            let act = BeginImport(file: file, offset: offset, nextLine: line)
            return try await office.perform(act, by: caller).answer
        } catch let refusal as Refusal {
            throw ImportFault.refused(refusal)
        } catch is KeyRing.Fault { throw ImportFault.refused(.unavailable(.keys)) }
    }

    private func next(of pipeline: ImportPipeline) async throws -> ImportPipeline.Ready {
        do { return try await pipeline.next() } catch let fault as DatabaseFault {
            throw ImportFault.refused(Refusal(fault))
        } catch is KeyRing.Fault { throw ImportFault.refused(.unavailable(.keys)) }
    }

    /// Loads batch after batch, two at once: the rows of one are copied while the one before is committed.
    private func loadAll(of pipeline: ImportPipeline, job: Int64, _ ledger: ImportLedger) async throws {
        var recent: [Set<String>] = []
        var previous: Task<Void, any Error>?
        var isLast = false
        while !isLast {
            let ready: ImportPipeline.Ready
            do { ready = try await next(of: pipeline) } catch {
                _ = await previous?.result
                throw error
            }
            let taken = recent.reduce(ready.taken) { $0.union($1) }
            // What was looked up before these were committed could not know them.
            recent = recent.suffix(ImportPipeline.depth + 1) + [Set(ready.batch.lines.map(\.document))]
            isLast = ready.batch.isLast
            let (entered, signal) = AsyncStream.makeStream(of: Never.self)
            let before = previous
            let loading = Task {
                defer { signal.finish() }
                try await load(ready.batch, taken, job: job, ledger, entered: { signal.finish() }, after: before)
            }
            previous = loading
            // The older one has its connection before the younger one asks for another: else they could wait for each
            // other where there is one alone.
            for await _ in entered {}
            if case .failure(let error) = await before?.result {
                _ = await loading.result
                throw error
            }
        }
        try await previous?.value
    }

    /// Loads one batch. Documents that are registered meanwhile make it run again, with those lines refused.
    private func load(
        _ batch: PreparedBatch,
        _ known: Set<String>,
        job: Int64,
        _ ledger: ImportLedger,
        entered: @escaping @Sendable () -> Void,
        after before: Task<Void, any Error>?
    ) async throws {
        var taken = known
        for attempt in 1... {
            let lines = batch.lines.filter { !taken.contains($0.document) }
            let late = batch.lines.filter { taken.contains($0.document) }
                .map { LineRefusal(line: $0.line, reason: .documentTaken) }
            let refusals = (batch.refusals + late).sorted { $0.line < $1.line }
            let stop = Lock<(any Error)?>(nil)
            let act = LoadBatch(
                job: job,
                fromLine: batch.fromLine,
                nextLine: batch.nextLine,
                endOffset: batch.endOffset,
                lines: lines,
                refused: refusals.count,
                isLast: batch.isLast,
                entered: entered,
                turn: {
                    do {
                        try await before?.value
                        try await ledger.reported(refusals)
                    } catch {
                        stop.with { $0 = error }
                        throw error
                    }
                }
            )
            do {
                _ = try await office.perform(act, by: caller)
                return try await ledger.committed(batch, accepted: lines.count, refused: refusals.count)
            } catch let refusal as Refusal {
                // The door knows refusals alone; what the watcher or the report threw comes out as it was.
                if let error = stop.with({ $0 }) { throw error }
                guard refusal == .conflict(.documentTaken), attempt < 5 else { throw ImportFault.refused(refusal) }
            }
            do { taken.formUnion(try await batch.taken(office.database)) } catch {
                throw ImportFault.refused(Refusal(error))
            }
        }
    }

    private static func columns(
        _ path: String,
        _ encoding: TextEncoding
    ) throws -> (columns: ImportColumns, offset: Int64, line: Int64) {
        let source = try ImportSource(path, offset: 0, line: 1)
        guard let record = try source.record(), case .success(let fields) = record.fields,
            let names = try FieldDecoder(encoding).texts(fields)
        else { return (try ImportColumns([]), 0, 1) }
        return (try ImportColumns(names), record.endOffset, record.nextLine)
    }
}
