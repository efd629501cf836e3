import CommandLine
import Foundation

// One area, or all, beside its peer in the same run; one file per measure.
let areas: [String: @Sendable (Options) async throws -> [Measure]] = [
    "import": ImportMeasure.run
]

let usage = Usage(
    "citizen-bench",
    Text(zh: "性能测量, 与同一次运行中的对照并列", en: "measures beside a peer in the same run"),
    options: [
        Option("count", .value("N"), Text(zh: "数据量", en: "how much; so that it ends in two minutes unless given")),
        Option("runs", .value("N"), Text(zh: "次数, 默认 5", en: "runs of each, 5 unless given")),
        Option("json", .flag, Text(zh: "输出一个 JSON 对象", en: "one JSON object on standard output")),
    ],
    arguments: ["AREA"],
    notes: [Text(zh: "项目: all import", en: "areas: all import")]
)

let language = Language(environment: ProcessInfo.processInfo.environment)
do {
    switch try Options.parse(Swift.CommandLine.arguments.dropFirst(), usage) {
    case .help: print(usage.help(in: language))
    case .call(let options):
        let area = options.arguments[0]
        let chosen = area == "all" ? areas.keys.sorted() : [area]
        var results: [Measure] = []
        for name in chosen {
            guard let measure = areas[name] else {
                throw UsageFault.badValue(option: "AREA", value: name, demanded: "all, import")
            }
            results += try await measure(options)
        }
        print(options.has("json") ? Measure.json(results) : Measure.table(results))
        exit((results.allSatisfy(\.isMet) ? ExitCode.done : .refused).rawValue)
    }
} catch let fault as UsageFault {
    FileHandle.standardError.write(Data((fault.text.said(in: language) + "\n").utf8))
    exit(ExitCode.usage.rawValue)
} catch {
    FileHandle.standardError.write(Data("citizen-bench: \(error)\n".utf8))
    exit(ExitCode.unreachable.rawValue)
}
