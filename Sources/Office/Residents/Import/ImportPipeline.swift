import Octets
import Encodings
import Foundation

/// 流水线 Batches on their way: the file is read on one thread, lines are sealed on two and looked up in the register, all
/// ahead of the loading.
actor ImportPipeline {
    // Guards the batches under way; reading is in order, because each reading waits for the one before.
    private var ahead: [Task<Ready, any Error>] = []
    private var reading: Task<ImportSource.Batch, any Error>?

    /// A batch that can be loaded, with the documents that the register held when it was looked up.
    struct Ready: Sendable {
        let batch: PreparedBatch
        let taken: Set<String>
    }

    private let source: ImportSource
    private let columns: ImportColumns
    private let encoding: TextEncoding
    private let office: Office
    private let files: WorkerThreads
    private let sealers = WorkerThreads(count: 1, name: "import-seal")
    private let start: (offset: Int64, line: Int64)

    /// Batches under way at once, the one that is loading not counted.
    static let depth = 2

    init(
        _ source: ImportSource,
        _ columns: ImportColumns,
        _ encoding: TextEncoding,
        _ office: Office,
        files: WorkerThreads,
        progress: ImportResidents.Progress
    ) {
        self.source = source
        self.columns = columns
        self.encoding = encoding
        self.office = office
        self.files = files
        start = (progress.octetsDone, progress.line)
    }

    /// The next batch in the order of the file; the last one says that it is.
    func next() async throws -> Ready {
        while ahead.count < Self.depth + 1 { begin() }
        return try await ahead.removeFirst().value
    }

    private func begin() {
        let (source, files, sealers) = (source, files, sealers)
        let (columns, encoding, office, start) = (columns, encoding, office, start)
        let previous = reading
        let reading = Task {
            let before = try await previous?.value
            let place = before.map { ($0.endOffset, $0.nextLine) } ?? (start.offset, start.line)
            return try await files.run {
                try source.batch(limit: ImportResidents.batchLimit, offset: place.0, line: place.1)
            }
        }
        self.reading = reading
        ahead.append(
            Task {
                let batch = try await reading.value
                let prepared = try await sealers.run {
                    try PreparedBatch(batch, columns, encoding, office, now: office.now)
                }
                return Ready(batch: prepared, taken: try await prepared.taken(office.database))
            }
        )
    }
}
