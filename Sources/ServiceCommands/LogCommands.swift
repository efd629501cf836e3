import CommandLine
import Database
import Encodings
import Evidence
import FoundationEssentials
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

/// `citizend log show`: the auditor's search, itself an entry of the log.
enum LogShowCommand {
    static let command = ServiceProgram.Command(
        words: ["log", "show"],
        purpose: Text(zh: "查询存证 (审计员)", en: "search the evidence log, for the auditor"),
        run: run
    )

    private static let usage = Usage(
        "citizend log show",
        command.purpose,
        options: [
            Option("object", .value("REF"), Text(zh: "对象, 如 c:4b1d…", en: "object, such as c:4b1d…")),
            Option("actor", .value("REF"), Text(zh: "操作者, 如 s:11", en: "actor, such as s:11")),
            Option("kind", .value("ACT"), Text(zh: "事项, 如 card.order", en: "act, such as card.order")),
            Option(
                "since",
                .value("TIME"),
                Text(zh: "起始时间 2026-01-31T08:00:00Z", en: "from this time, 2026-01-31T08:00:00Z")
            ),
            Option("until", .value("TIME"), Text(zh: "截止时间", en: "before this time")),
            Option("from", .value("INDEX"), Text(zh: "起始序号", en: "from this index on")),
            Option("limit", .value("N"), Text(zh: "最多条数, 默认 100", en: "at most so many, 100 unless given")),
            Option("json", .flag, Text(zh: "以 JSON 输出", en: "one JSON object on standard output")),
        ]
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let options = try console.options(arguments, usage)
        var filter = ReadEvidence.Filter()
        filter.object = options["object"]
        filter.actor = options["actor"]
        filter.act = options["kind"]
        filter.since = try time(options, "since")
        filter.until = try time(options, "until")
        filter.from = Int64(try options.number("from", in: 0...Int.max) ?? 0)
        filter.limit = Int64(try options.number("limit", in: 1...10_000) ?? 100)
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let caller = Caller.account(name: "auditor", role: "auditor")
        let found: ReadEvidence.Answer
        do throws(Refusal) { found = try await parts.office.perform(ReadEvidence(filter), by: caller).answer } catch {
            throw error
        }
        await parts.office.database.close()
        if options.has("json") {
            console.say(found.json.text)
        } else {
            for line in found.lines { console.say("\(line.index)  \(line.body)") }
        }
        return .done
    }

    private static func time(_ options: Options, _ name: String) throws -> Int64? {
        guard let text = options[name] else { return nil }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw UsageFault.badValue(option: name, value: text, demanded: "2026-01-31T08:00:00Z")
        }
        return Int64(date.timeIntervalSince1970 * 1000)
    }
}

/// `citizend log export DIR`: checkpoint, tiles and entry bundles as files that any web server may serve.
enum LogExportCommand {
    static let command = ServiceProgram.Command(
        words: ["log", "export"],
        purpose: Text(zh: "导出存证日志 (审计员)", en: "write the evidence log as static files, for the auditor"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let usage = Usage("citizend log export", command.purpose, arguments: ["DIR"])
        let options = try console.options(arguments, usage)
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let caller = Caller.account(name: "auditor", role: "auditor")
        let head: ExportLog.Answer
        do throws(Refusal) { head = try await parts.office.perform(ExportLog(), by: caller).answer } catch {
            throw error
        }
        let files = LogFiles(folder: options.arguments[0], log: EvidenceLog(database: parts.office.database))
        try await files.write(head, key: parts.logIdentity().key.text)
        await parts.office.database.close()
        console.say(Text(zh: "已导出 \(head.size) 条", en: "exported \(head.size) entries"))
        return .done
    }
}
