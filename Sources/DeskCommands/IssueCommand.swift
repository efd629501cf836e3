import CardEngine
import CommandLine
import Encodings
import FoundationEssentials
import Readers

/// `citizen-desk issue`: finds the resident, orders the card and makes it on this desk's reader. A card that was torn out
/// is asked for again and finished.
enum IssueCommand {
    static let command = DeskProgram.Command(
        word: "issue",
        purpose: Text(zh: "申领并制卡", en: "order a card and make it on the reader"),
        run: run
    )

    private static let usage = Usage(
        "citizen-desk issue",
        command.purpose,
        options: [DeskProgram.deskOption, DeskProgram.readerOption] + FindCommand.searchOptions + [
            Option("card", .value("REFERENCE"), Text(zh: "继续已申领的卡", en: "go on with a card that is ordered")),
            Option("kind", .value("N"), Text(zh: "卡种, 默认 1", en: "kind of card, 1 unless given")),
            DeskProgram.jsonOption,
        ]
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let options = try DeskProgram.options(arguments, usage, terminal)
        let reader = try options.required("reader")
        let kind = try options.number("kind", in: 1...10) ?? 1
        let folder = try DeskProgram.folder(options, terminal)
        let call = try ServiceCall(folder)
        try DeskWork.demand(reader)
        let card: String
        if let reference = options["card"] {
            card = reference
        } else {
            card = try await order(options, kind: kind, call, terminal)
        }
        let path = "/api/v1/cards/\(card)/jobs"
        let body: JSON = ["desk": .string(folder.desk), "reader": .string(reader), "purpose": "issue"]
        let job =
            try await call.write(path, body)["job"]?.string
            ?? ""
        let isJSON = options.has("json")
        if !isJSON { terminal.say(Text(zh: "任务 \(job) 卡 \(card)", en: "job \(job) card \(card)")) }
        let ending = try await DeskWork(folder, reader: reader, terminal, isQuiet: isJSON, job: job).finish()
        let status = try await call.read("/api/v1/jobs/\(job)")
        if isJSON {
            terminal.say(
                JSON.object([.init("card", .string(card)), .init("ending", .string(ending))] + (status.members ?? []))
                    .text
            )
        }
        guard ending == "finished" else {
            throw DeskProgram.Stop.refused(
                Text(
                    zh: "卡片未完成: \(status["fault"]?.string ?? ending)",
                    en: "the card was not finished: \(status["fault"]?.string ?? ending)"
                )
            )
        }
        if !isJSON { terminal.say(Text(zh: "制卡完成, 待领取: \(card)", en: "made and read back, ready to collect: \(card)")) }
        return .done
    }

    private static func order(
        _ options: Options,
        kind: Int,
        _ call: ServiceCall,
        _ terminal: Terminal
    ) async throws -> String {
        let found = try await FindCommand.search(options, call, terminal)
        guard found.count == 1, let resident = found[0]["resident"]?.string else {
            for resident in found { terminal.say(FindCommand.line(resident)) }
            throw DeskProgram.Stop.refused(
                found.isEmpty
                    ? Text(zh: "没有找到", en: "nobody found")
                    : Text(
                        zh: "有 \(found.count) 位同名居民, 请用 --birth 区分",
                        en: "\(found.count) namesakes: tell them apart with --birth"
                    )
            )
        }
        let body: JSON = ["resident": .string(resident), "kind": .integer(Int64(kind))]
        let answer = try await call.write("/api/v1/cards", body)
        guard let card = answer["card"]?.string else {
            throw DeskProgram.Stop.unreachable(Text(zh: "回答不符", en: "the answer is malformed"))
        }
        return card
    }
}

/// `citizen-desk activate`: the holder sets a PIN and the card becomes active.
enum ActivateCommand {
    static let command = DeskProgram.Command(
        word: "activate",
        purpose: Text(zh: "领卡激活 (持卡人设密码)", en: "activate a card in its holder's presence"),
        run: run
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage(
            "citizen-desk activate",
            command.purpose,
            options: [
                DeskProgram.deskOption, DeskProgram.readerOption,
                Option("card", .value("REFERENCE"), Text(zh: "卡", en: "the card")), DeskProgram.jsonOption,
            ],
            notes: [
                Text(zh: "密码在终端输入, 或取自环境变量 CITIZEN_NEW_PIN", en: "the PIN is asked for, or read from CITIZEN_NEW_PIN")
            ]
        )
        let options = try DeskProgram.options(arguments, usage, terminal)
        let reader = try options.required("reader")
        let card = try options.required("card")
        let folder = try DeskProgram.folder(options, terminal)
        let call = try ServiceCall(folder)
        try DeskWork.demand(reader)
        let body: JSON = ["desk": .string(folder.desk), "reader": .string(reader), "purpose": "activate"]
        let job =
            try await call.write("/api/v1/cards/\(card)/jobs", body)["job"]?.string ?? ""
        let isJSON = options.has("json")
        let ending = try await DeskWork(folder, reader: reader, terminal, isQuiet: isJSON, job: job).finish()
        if isJSON {
            let status = try await call.read("/api/v1/jobs/\(job)")
            terminal.say(
                JSON.object([.init("card", .string(card)), .init("ending", .string(ending))] + (status.members ?? []))
                    .text
            )
        }
        guard ending != "pinRefused" else {
            throw DeskProgram.Stop.refused(
                Text(
                    zh: "密码未被接受: 须为 6 至 8 位数字, 请再次运行 activate",
                    en: "the PIN was not taken: it needs 6 to 8 digits; run activate again"
                )
            )
        }
        guard ending == "activated" else {
            throw DeskProgram.Stop.refused(Text(zh: "未激活: \(ending)", en: "not activated: \(ending)"))
        }
        if !isJSON { terminal.say(Text(zh: "卡片已激活", en: "the card is active")) }
        return .done
    }
}

/// `citizen-desk artwork`: the drawn face of a card as a file.
enum ArtworkCommand {
    static let command = DeskProgram.Command(
        word: "artwork",
        purpose: Text(zh: "取卡面图", en: "fetch the drawn card face"),
        run: run
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage(
            "citizen-desk artwork",
            command.purpose,
            options: [
                DeskProgram.deskOption, Option("card", .value("REFERENCE"), Text(zh: "卡", en: "the card")),
                Option("out", .value("FILE"), Text(zh: "写入的文件 (.png 或 .pdf)", en: "file to write, .png or .pdf")),
            ]
        )
        let options = try DeskProgram.options(arguments, usage, terminal)
        let card = try options.required("card")
        let out = try options.required("out")
        guard out.hasSuffix(".png") || out.hasSuffix(".pdf") else {
            throw UsageFault.badValue(option: "out", value: out, demanded: ".png/.pdf")
        }
        let octets = try await ServiceCall(DeskProgram.folder(options, terminal)).octets(
            "GET",
            "/api/v1/cards/\(card)/artwork.\(out.hasSuffix(".pdf") ? "pdf" : "png")"
        )
        guard
            FileManager.default.createFile(atPath: out, contents: Data(octets), attributes: [.posixPermissions: 0o600])
        else {
            throw DeskProgram.Stop.unreachable(Text(zh: "无法写入 \(out)", en: "cannot write \(out)"))
        }
        return .done
    }
}
