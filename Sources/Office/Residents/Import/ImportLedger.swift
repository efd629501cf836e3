/// 进度簿 How far an import is, and its report; written batch by batch in the order of the file.
actor ImportLedger {
    // Guards progress and report: two loads are under way at once, but only the older one writes.
    private(set) var progress: ImportResidents.Progress
    private let report: ImportReport
    private let watch: @Sendable (ImportResidents.Stage, ImportResidents.Progress) async throws -> Void

    init(
        _ report: sending ImportReport,
        _ progress: ImportResidents.Progress,
        watch: @escaping @Sendable (ImportResidents.Stage, ImportResidents.Progress) async throws -> Void
    ) {
        self.report = report
        self.progress = progress
        self.watch = watch
    }

    /// Puts the refused lines of the batch whose turn it is into the report; may be said again for the same batch.
    func reported(_ refusals: [LineRefusal]) async throws {
        try report.write(refusals)
        try await watch(.reported, progress)
    }

    /// The batch whose turn it was is committed.
    func committed(_ batch: PreparedBatch, accepted: Int, refused: Int) async throws {
        report.keep()
        progress.line = batch.nextLine
        progress.octetsDone = batch.endOffset
        progress.accepted += Int64(accepted)
        progress.refused += Int64(refused)
        try await watch(.committed, progress)
    }
}
