import CommandLine
import Database
import Encodings
import Office

/// `citizend log fsck`: does the log still hold? Exit 0 when it does, 1 with the first entry that differs.
enum LogCheckCommand {
    static let command = ServiceProgram.Command(
        words: ["log", "fsck"],
        purpose: Text(zh: "核验存证日志", en: "check the evidence log"),
        run: run
    )

    private static let usage = Usage(
        "citizend log fsck",
        command.purpose,
        options: [
            Option("full", .flag, Text(zh: "由全部条目重算整棵树", en: "compute the whole tree again from its entries")),
            Option("json", .flag, Text(zh: "以 JSON 输出", en: "one JSON object on standard output")),
        ]
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let options = try console.options(arguments, usage)
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let audit = LogAudit(
            database: parts.office.database,
            identity: try parts.logIdentity(),
            copy: try parts.logCopy()
        )
        let report = try await audit.run(options.has("full") ? .full : .edge)
        await parts.office.database.close()
        let words = report.finding.map(LogWords.text)
        if options.has("json") {
            let answer: JSON = [
                "clean": .bool(report.finding == nil), "entries": .integer(Int64(report.entries)),
                "tiles": .integer(Int64(report.tiles)), "checkpoints": .integer(Int64(report.checkpoints)),
                "finding": words.map { .string($0.en) } ?? .null,
                "index": index(report.finding).map { .integer(Int64($0)) } ?? .null,
            ]
            console.say(answer.text)
        } else if let words {
            console.complain(words)
        } else {
            console.say(Text(zh: "存证日志完整, \(report.entries) 条", en: "the log holds: \(report.entries) entries"))
        }
        return report.finding == nil ? .done : .refused
    }

    /// The first entry that differs, where the finding names one.
    private static func index(_ finding: LogAudit.Finding?) -> UInt64? {
        switch finding {
        case .missing(let index), .body(let index), .tile(_, let index), .checkpoint(_, let index): index
        case .fault, .note, .surplus, .unproved, nil: nil
        }
    }
}
