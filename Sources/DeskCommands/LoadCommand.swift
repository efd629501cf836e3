import CommandLine
import Encodings

/// `citizen-desk load`: loads a purse on the reader. A card that was torn out is asked for again; what it proves decides.
enum LoadCommand {
    static let command = DeskProgram.Command(
        word: "load",
        purpose: Text(zh: "圈存 (钱包充值)", en: "load the purse of a card on the reader"),
        run: run
    )

    private static let usage = Usage(
        "citizen-desk load",
        command.purpose,
        options: [
            DeskProgram.deskOption, DeskProgram.readerOption, LifeCommands.cardOption,
            Option("amount", .value("FEN"), Text(zh: "金额 (分)", en: "amount in fen")), DeskProgram.jsonOption,
        ]
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let options = try DeskProgram.options(arguments, usage, terminal)
        let reader = try options.required("reader")
        let card = try options.required("card")
        guard let amount = try options.number("amount", in: 1...10_000_000) else {
            throw UsageFault.missingOption("amount")
        }
        let folder = try DeskProgram.folder(options, terminal)
        let call = try ServiceCall(folder)
        let body: JSON = [
            "desk": .string(folder.desk), "reader": .string(reader), "amountFen": .integer(Int64(amount)),
        ]
        let job = try await call.write("/api/v1/cards/\(card)/loads", body)["job"]?.string ?? ""
        let isJSON = options.has("json")
        let ending = try await DeskWork(folder, reader: reader, terminal, isQuiet: isJSON, job: job).finish()
        let status = try await call.send("GET", "/api/v1/jobs/\(job)")
        let purse = try await call.send("GET", "/api/v1/cards/\(card)/purse")
        if isJSON {
            let members: [JSON.Member] = [.init("ending", .string(ending)), .init("purse", purse)]
            terminal.say(JSON.object(members + (status.members ?? [])).text)
        }
        guard ending == "loaded" else {
            let fault = status["fault"]?.string ?? ending
            throw DeskProgram.Stop.refused(Text(zh: "未圈存: \(fault)", en: "not loaded: \(fault)"))
        }
        if !isJSON {
            let balance = purse["balanceFen"]?.integer ?? 0
            terminal.say(
                Text(zh: "已圈存 \(amount) 分, 账户余额 \(balance) 分", en: "loaded \(amount) fen; the account has \(balance)")
            )
        }
        return .done
    }
}
