import CommandLine
import Encodings
import Octets
import Readers

/// `citizen-desk readers`: the readers of this workstation.
enum ReadersCommand {
    static let command = DeskProgram.Command(
        word: "readers",
        purpose: Text(zh: "列出读卡器", en: "list the readers"),
        run: run
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage("citizen-desk readers", command.purpose, options: [DeskProgram.jsonOption])
        let options = try DeskProgram.options(arguments, usage, terminal)
        let context = try PCSCContext()
        var list: [JSON] = []
        for reader in try context.readers() {
            let presence = try context.presence(reader)
            list.append([
                "name": .string(reader), "card": .bool(presence.hasCard),
                "atr": .string(Hex.encodeUpper(presence.answerToReset)),
            ])
            if !options.has("json") {
                let card = presence.hasCard ? Text(zh: "有卡", en: "card") : Text(zh: "空", en: "empty")
                terminal.say(
                    "\(reader)  \(card.said(in: terminal.language))  \(Hex.encodeUpper(presence.answerToReset))"
                )
            }
        }
        if options.has("json") { terminal.say(JSON.object([.init("readers", .array(list))]).text) }
        if list.isEmpty {
            terminal.complain(Text(zh: "没有读卡器", en: "no reader"))
            return .unreachable
        }
        return .done
    }
}

/// `citizen-desk sign-in`: a clerk's session for the commands that follow.
enum SignInCommand {
    static let command = DeskProgram.Command(
        word: "sign-in",
        purpose: Text(zh: "员工登录 (口令与动态口令)", en: "sign in with password and one-time password"),
        run: run
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage(
            "citizen-desk sign-in",
            command.purpose,
            options: [DeskProgram.deskOption, Option("user", .value("NAME"), Text(zh: "用户名", en: "user name"))],
            notes: [
                Text(
                    zh: "口令与动态口令从终端或环境变量 CITIZEN_PASSWORD、CITIZEN_CODE 读取",
                    en: "password and code are asked for, or read from CITIZEN_PASSWORD and CITIZEN_CODE"
                )
            ]
        )
        let options = try DeskProgram.options(arguments, usage, terminal)
        let user = try options.required("user")
        let folder = try DeskProgram.folder(options, terminal)
        guard let password = terminal.secret("CITIZEN_PASSWORD", Text(zh: "口令", en: "password")),
            let code = terminal.secret("CITIZEN_CODE", Text(zh: "动态口令", en: "one-time password"))
        else { throw DeskProgram.Stop.refused(Text(zh: "未输入", en: "nothing was typed")) }
        let answer = try await ServiceCall(folder).send(
            "POST",
            "/api/v1/staff/sessions",
            ["user": .string(user), "password": .string(password), "code": .string(code)]
        )
        guard let token = answer["token"]?.string else {
            throw DeskProgram.Stop.unreachable(Text(zh: "回答不符", en: "the answer is malformed"))
        }
        try folder.keep(token: token)
        terminal.say(Text(zh: "已登录: \(user)", en: "signed in: \(user)"))
        return .done
    }
}
