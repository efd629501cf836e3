import CommandLine
import Encodings
import Evidence
import FoundationEssentials
import Octets

/// `citizen verify RECEIPT`: is the entry in the city's log? Without network and database; exit 0, 1 or 3.
enum VerifyCommand {
    static let command = ResidentProgram.Command(
        word: "verify",
        purpose: Text(zh: "离线验证回执", en: "verify a receipt, offline"),
        run: run
    )

    private static let usage = Usage(
        "citizen verify",
        command.purpose,
        options: [
            Option("entry", .value("FILE"), Text(zh: "条目文件, 回执内含时可省略", en: "the entry, unless the receipt holds it")),
            Option("trust", .value("DIR"), Text(zh: "信任文件夹, 内有 evidence.vkey", en: "folder with evidence.vkey")),
            Option("json", .flag, Text(zh: "以 JSON 输出", en: "one JSON object on standard output")),
        ],
        arguments: ["RECEIPT"]
    )

    /// What is said of a receipt: the code that ends the program, the reason for programs, the words for people.
    private struct Finding {
        let code: ExitCode
        let reason: String
        let words: Text
    }

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let options: Options
        switch try Options.parse(arguments, usage) {
        case .help:
            terminal.say(usage.help(in: terminal.language))
            return .done
        case .call(let parsed): options = parsed
        }
        let octets = try FileFault.read(options.arguments[0])
        let entry = try options["entry"].map { path throws(FileFault) in try FileFault.read(path) }
        let trust = TrustFolder(named: options["trust"], environment: terminal.environment)
        var members: [JSON.Member] = []
        let finding: Finding
        do {
            let keys = try trust.logKeys()
            let receipt = try Receipt(octets)
            let verdict = receipt.verdict(entry: entry, keys: keys)
            finding = Self.finding(verdict, receipt)
            members += [
                .init("index", .integer(Int64(clamping: receipt.index))),
                .init("origin", .string(receipt.checkpoint.origin)),
                .init("size", .integer(Int64(clamping: receipt.checkpoint.size))),
            ]
            if case .accepted(let entry) = verdict, let entry = try? JSONReader.read(entry) {
                members.append(.init("entry", entry))
            }
        } catch is VerifierKey.Fault {
            finding = Finding(
                code: .undecidable,
                reason: "trust",
                words: Text(zh: "信任文件无效: \(trust.path)", en: "the trust file does not hold: \(trust.path)")
            )
        } catch is Receipt.Fault {
            finding = Finding(code: .refused, reason: "form", words: Text(zh: "不是有效的回执", en: "this is no receipt"))
        }
        let head = [JSON.Member("valid", .bool(finding.code == .done)), .init("reason", .string(finding.reason))]
        if options.has("json") {
            terminal.say(JSON.object(head + members).text)
        } else if finding.code == .done {
            terminal.say(finding.words)
        } else {
            terminal.complain(finding.words)
        }
        return finding.code
    }

    private static func finding(_ verdict: Receipt.Verdict, _ receipt: Receipt) -> Finding {
        switch verdict {
        case .accepted:
            let origin = receipt.checkpoint.origin
            return Finding(
                code: .done,
                reason: "ok",
                words: Text(
                    zh: "有效: 第 \(receipt.index) 条, 在 \(origin) 大小 \(receipt.checkpoint.size) 的存证日志中",
                    en: "valid: entry \(receipt.index) is in the log \(origin) of size \(receipt.checkpoint.size)"
                )
            )
        case .refused(let reason):
            return Finding(code: .refused, reason: reason.rawValue, words: words(reason))
        case .undecided(let missing):
            return Finding(code: .undecidable, reason: "no-\(missing.rawValue)", words: words(missing))
        }
    }

    private static func words(_ reason: Receipt.Reason) -> Text {
        switch reason {
        case .signature: Text(zh: "无效: 签名不成立", en: "not valid: a signature does not hold")
        case .unknownKey: Text(zh: "无效: 没有可信密钥的签名", en: "not valid: no signature by a trusted key")
        case .origin: Text(zh: "无效: 检查点属于其他日志", en: "not valid: the checkpoint is of another log")
        case .witnesses: Text(zh: "无效: 见证人不足", en: "not valid: too few witnesses")
        case .entry: Text(zh: "无效: 条目与回执不符", en: "not valid: the receipt holds another entry")
        case .inclusion: Text(zh: "无效: 条目不在该日志中", en: "not valid: the entry is not in this log")
        }
    }

    private static func words(_ missing: Receipt.Missing) -> Text {
        switch missing {
        case .trust: Text(zh: "无法判定: 没有信任文件 evidence.vkey", en: "undecidable: no trust file evidence.vkey")
        case .entry: Text(zh: "无法判定: 缺少条目, 请用 --entry", en: "undecidable: the entry is missing, name it by --entry")
        }
    }
}
