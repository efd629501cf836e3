import CommandLine
import Encodings

/// The commands of a card's life that need no reader: one call of the service each, with the reason that the log keeps.
enum LifeCommands {
    static let commands: [DeskProgram.Command] = [reportLost, replace, renew, cancel]

    /// `citizen-desk report-lost`.
    private static let reportLost: DeskProgram.Command = .init(
        word: "report-lost",
        purpose: Text(zh: "挂失", en: "report a card lost")
    ) { arguments, terminal in
        let form = Option(
            "form",
            .value("oral/formal"),
            Text(zh: "口头挂失 (默认) 或正式挂失", en: "by voice, unless formal is given")
        )
        let options = try options("report-lost", reportLost.purpose, [form], arguments, terminal)
        let members: [JSON.Member] = [.init("form", .string(options["form"] ?? "oral"))]
        return try await carryOut("loss", members, options, terminal)
    }

    /// `citizen-desk replace`.
    private static let replace: DeskProgram.Command = .init(
        word: "replace",
        purpose: Text(zh: "补卡: 为已挂失的卡申领新卡", en: "order a card in place of a lost one")
    ) { arguments, terminal in
        let options = try options("replace", replace.purpose, [], arguments, terminal)
        return try await carryOut("replacement", [], options, terminal)
    }

    /// `citizen-desk renew`.
    private static let renew: DeskProgram.Command = .init(
        word: "renew",
        purpose: Text(zh: "换卡: 为到期或损坏的卡申领新卡", en: "order a card in place of an old or damaged one")
    ) { arguments, terminal in
        let options = try options("renew", renew.purpose, [], arguments, terminal)
        return try await carryOut("renewal", [], options, terminal)
    }

    /// `citizen-desk cancel`.
    private static let cancel: DeskProgram.Command = .init(
        word: "cancel",
        purpose: Text(zh: "注销", en: "cancel a card")
    ) { arguments, terminal in
        let options = try options("cancel", cancel.purpose, [], arguments, terminal)
        return try await carryOut("cancellation", [], options, terminal)
    }

    static let cardOption = Option("card", .value("REFERENCE"), Text(zh: "卡", en: "the card"))
    static let reasonOption = Option("reason", .value("TEXT"), Text(zh: "事由 (记入日志)", en: "why; the log keeps it"))

    private static func options(
        _ word: String,
        _ purpose: Text,
        _ more: [Option],
        _ arguments: [String],
        _ terminal: Terminal
    ) throws -> Options {
        let usage = Usage(
            "citizen-desk \(word)",
            purpose,
            options: [DeskProgram.deskOption, cardOption, reasonOption] + more + [DeskProgram.jsonOption]
        )
        return try DeskProgram.options(arguments, usage, terminal)
    }

    private static func carryOut(
        _ path: String,
        _ members: [JSON.Member],
        _ options: Options,
        _ terminal: Terminal
    ) async throws -> ExitCode {
        let card = try options.required("card")
        let body = members + [.init("reason", .string(try options.required("reason")))]
        let call = try ServiceCall(DeskProgram.folder(options, terminal))
        let answer = try await call.write("/api/v1/cards/\(card)/\(path)", .object(body))
        say(answer, options, terminal)
        return .done
    }

    /// Where the card stands now, or the reference of the card that was ordered.
    static func say(_ answer: JSON, _ options: Options, _ terminal: Terminal) {
        if options.has("json") {
            terminal.say(answer.text)
        } else if let chinese = answer["stateZh"]?.string, let english = answer["stateEn"]?.string {
            terminal.say(Text(zh: "卡状态: \(chinese)", en: "the card is \(english)"))
        } else {
            let card = answer["card"]?.string ?? ""
            terminal.say(Text(zh: "已申领新卡: \(card)", en: "a card was ordered: \(card)"))
        }
    }
}
