import CommandLine
import Encodings
package import Office

/// `citizend import residents FILE`: takes a file into the register and says what became of it.
package struct ImportCommand {
    static let usage = Usage(
        "citizend import residents",
        Text(
            zh: "批量导入居民 (CSV, 可断点续传)",
            en: "takes a CSV file of residents into the register; goes on where it was stopped"
        ),
        options: [
            Option("report", .value("FILE"), Text(zh: "退回清单的位置", en: "where the refused lines are written")),
            Option(
                "encoding",
                .value("utf-8|gb18030"),
                Text(zh: "文件编码, 默认自动识别", en: "of the file; noticed unless given")
            ),
            Option("json", .flag, Text(zh: "输出一个 JSON 对象", en: "one JSON object on standard output")),
        ],
        arguments: ["residents", "FILE"],
        notes: [
            Text(
                zh:
                    "首行列名: name,document_type,document_number,sex,birth_date,ethnic_group,nationality,district,phone,address。"
                    + "退回的行不影响其余各行; 文件处理到底即为退出码 0。",
                en:
                    "First line: name,document_type,document_number,sex,birth_date,ethnic_group,nationality,district,phone,"
                    + "address. Refused lines do not hold up the others; exit code 0 means that the file was taken to its end."
            )
        ]
    )

    /// Reads the words after `import`, before anything is opened; help is given here.
    static func options(_ arguments: [String], _ console: Console) throws(UsageFault) -> Options.Parsed {
        guard case .call(let options) = try Options.parse(arguments, usage) else {
            console.out(usage.help(in: console.language) + "\n")
            return .help
        }
        guard options.arguments.first == "residents" else {
            throw .badValue(option: "import", value: options.arguments.first ?? "", demanded: "residents")
        }
        if let word = options["encoding"], TextEncoding(rawValue: word) == nil {
            throw .badValue(option: "encoding", value: word, demanded: "utf-8, gb18030")
        }
        return .call(options)
    }

    /// Runs the command with the words after `import`; gives the exit code.
    package static func run(
        arguments: [String],
        office: Office,
        caller: Caller,
        console: Console
    ) async -> Int32 {
        let options: Options
        do throws(UsageFault) {
            switch try Self.options(arguments, console) {
            case .help: return ExitCode.done.rawValue
            case .call(let parsed): options = parsed
            }
        } catch { return console.wrongUse(error, usage) }
        let start = ContinuousClock.now
        let importing = ImportResidents(
            office: office,
            caller: caller,
            file: options.arguments[1],
            report: options["report"],
            encoding: options["encoding"].flatMap(TextEncoding.init(rawValue:)),
            watch: { stage, progress in
                if stage == .committed, console.kind == .terminal { console.err(line(progress, console.language)) }
            }
        )
        do {
            let outcome = try await importing.run()
            if console.kind == .terminal { console.err("\n") }
            tell(outcome, after: ContinuousClock.now - start, options, console)
            return ExitCode.done.rawValue
        } catch let fault as ImportFault {
            console.complain(fault.text)
            return fault.exitCode.rawValue
        } catch {
            console.complain(Text(zh: "导入中止, 可用同一文件继续", en: "the import has stopped; the same file goes on"))
            return ExitCode.unreachable.rawValue
        }
    }

    /// One line that is written over and over.
    private static func line(_ progress: ImportResidents.Progress, _ language: Language) -> String {
        let percent = progress.octetsDone * 100 / max(progress.octetsTotal, 1)
        return "\r"
            + Text(
                zh: "\(percent)%  已导入 \(progress.accepted) 行, 退回 \(progress.refused) 行",
                en: "\(percent)%  \(progress.accepted) lines taken, \(progress.refused) refused"
            ).said(in: language)
    }

    private static func tell(
        _ outcome: ImportResidents.Outcome,
        after time: Duration,
        _ options: Options,
        _ console: Console
    ) {
        let progress = outcome.progress
        guard !options.has("json") else {
            let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
            let json: JSON = [
                "accepted": .integer(progress.accepted), "refused": .integer(progress.refused),
                "encoding": .string(outcome.encoding.rawValue), "report": outcome.report.map(JSON.string) ?? .null,
                "resumedAtLine": outcome.resumedAt.map(JSON.integer) ?? .null, "alreadyDone": .bool(outcome.wasDone),
                "milliseconds": .integer(milliseconds),
            ]
            return console.out(json.text + "\n")
        }
        if outcome.wasDone {
            console.say(Text(zh: "该文件此前已全部导入, 未作改动", en: "this file was taken before; nothing was changed"))
        }
        if let line = outcome.resumedAt {
            console.say(Text(zh: "从第 \(line) 行继续", en: "went on at line \(line)"))
        }
        if outcome.encoding == .gb18030 {
            console.say(Text(zh: "文件编码为 GB 18030", en: "the file is written in GB 18030"))
        }
        console.say(
            Text(
                zh: "已导入 \(progress.accepted) 行, 退回 \(progress.refused) 行",
                en: "\(progress.accepted) lines taken, \(progress.refused) refused"
            )
        )
        if let report = outcome.report {
            console.say(Text(zh: "退回清单: \(report)", en: "refused lines: \(report)"))
        }
    }
}
