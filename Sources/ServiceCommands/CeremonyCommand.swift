import Policies
import Database
import CommandLine
import FoundationEssentials
import Octets
import Encodings
import KeyHierarchy
import Office

/// `citizend key ceremony NAME`: makes what the ceremony's file names, shows every check value, writes it all down.
enum CeremonyCommand {
    static let command = ServiceProgram.Command(
        words: ["key", "ceremony"],
        purpose: Text(zh: "举行密钥仪式", en: "hold a key ceremony"),
        run: run
    )

    private static let usage = Usage(
        "citizend key ceremony",
        command.purpose,
        options: [
            Option(
                "from",
                .value("FILE"),
                Text(zh: "接收密钥的文件 (仪式 lot)", en: "file with the key to take (ceremony lot)")
            ),
            Option("json", .flag, Text(zh: "以 JSON 输出", en: "one JSON object on standard output")),
        ],
        arguments: ["NAME"]
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let options = try console.options(arguments, usage)
        let name = options.arguments[0]
        guard name.allSatisfy({ $0.isLetter || $0 == "-" }) else {
            throw CommandFault.refused(Text(zh: "没有仪式 \(name)", en: "no ceremony \(name)"))
        }
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let file = try Composition.policy("Keys/ceremonies/\(name).json", settings)
        if let purpose = file.json["receives"]?.string {
            return try await receive(name, purpose, options, settings, console)
        }
        let makes = (file.json["makes"]?.array ?? []).compactMap(\.string)
        guard !makes.isEmpty, makes.count == file.json["makes"]?.array?.count else {
            throw CommandFault.refused(Text(zh: "\(file.name): makes 不符", en: "\(file.name): makes is malformed"))
        }
        let parts = try await Composition.open(settings)
        let isJSON = options.has("json")
        let work = try await WorkerThreads(count: 1, name: "ceremony").run {
            try CeremonyWork.carryOut(name, makes: makes, in: parts.office) { record in
                if !isJSON { console.say(line(record)) }
            }
        }
        guard !work.records.isEmpty else {
            console.say(Text(zh: "密钥均已存在, 未作改动", en: "every key is there already; nothing was made"))
            return .done
        }
        do throws(Refusal) {
            _ = try await parts.office.perform(HoldCeremony(work), by: .account(name: "ceremony", role: "key-officer"))
        } catch { throw error }
        await parts.office.database.close()
        if isJSON {
            let keys = work.records.map { record -> JSON in
                ["key": .string(record.name.description), "kcv": .string(record.checkValue?.description ?? "")]
            }
            console.say(JSON.object([.init("ceremony", .string(name)), .init("keys", .array(keys))]).text)
        } else {
            console.say(Text(zh: "仪式完成: \(work.records.count) 个密钥", en: "ceremony done: \(work.records.count) keys"))
        }
        return .done
    }

    private static func receive(
        _ name: String,
        _ purpose: String,
        _ options: Options,
        _ settings: ServiceSettings,
        _ console: Console
    ) async throws -> ExitCode {
        let path = try options.required("from")
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFault.unreachable(Text(zh: "无法读取 \(path)", en: "cannot read \(path)"))
        }
        let digits = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
        guard var octets = try? Hex.decode(digits), octets.count == 16 else {
            throw CommandFault.refused(Text(zh: "\(path): 应为 32 个十六进制数字", en: "\(path): 32 hexadecimal digits are due"))
        }
        let secret = SecretOctets(wiping: &octets)
        let parts = try await Composition.open(settings)
        guard !parts.office.keys.records.contains(where: { $0.name.purpose == purpose }) else {
            console.say(Text(zh: "密钥 \(purpose) 已存在", en: "the key \(purpose) is there already"))
            return .done
        }
        let work = try CeremonyWork.receive(name, purpose, secret, in: parts.office)
        do throws(Refusal) {
            _ = try await parts.office.perform(HoldCeremony(work), by: .account(name: "ceremony", role: "key-officer"))
        } catch { throw error }
        await parts.office.database.close()
        for record in work.records { console.say(line(record)) }
        return .done
    }

    private static func line(_ record: KeyRecord) -> String {
        let name = record.name.description
        let gap = String(repeating: " ", count: max(44 - name.count, 1))
        return
            "  \(name)\(gap)\(record.algorithm.rawValue)  \(record.custody.rawValue)  KCV \(record.checkValue?.description ?? "-")"
    }
}

/// `citizend key list`: what the register says, and where each key really lives.
enum KeyListCommand {
    static let command = ServiceProgram.Command(
        words: ["key", "list"],
        purpose: Text(zh: "列出密钥及校验值", en: "list keys with their check values"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let usage = Usage(
            "citizend key list",
            command.purpose,
            options: [Option("json", .flag, Text(zh: "以 JSON 输出", en: "one JSON object on standard output"))]
        )
        let options = try console.options(arguments, usage)
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let records = parts.office.keys.records
        if options.has("json") {
            let keys = records.map { record -> JSON in
                [
                    "key": .string(record.name.description), "algorithm": .string(record.algorithm.rawValue),
                    "custody": .string(record.custody.rawValue), "state": .string(record.state.rawValue),
                    "kcv": .string(record.checkValue?.description ?? ""),
                ]
            }
            console.say(JSON.object([.init("keys", .array(keys))]).text)
        } else {
            for record in records {
                let name = record.name.description
                let gap = String(repeating: " ", count: max(44 - name.count, 1))
                console.say(
                    "\(name)\(gap)\(record.algorithm.rawValue)  \(record.custody.rawValue)  \(record.state.rawValue)  \(record.checkValue?.description ?? "-")"
                )
            }
        }
        await parts.office.database.close()
        return .done
    }
}
