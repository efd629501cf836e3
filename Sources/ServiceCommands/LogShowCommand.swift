import CommandLine
import Database
import Encodings
import FoundationEssentials
import Office

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
