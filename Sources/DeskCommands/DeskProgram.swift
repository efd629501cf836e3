package import CommandLine
import CardEngine
import FoundationEssentials
import ServiceClient

/// `citizen-desk` 窗口程序: its commands, by the words that call them.
package enum DeskProgram {
    /// One command.
    struct Command: Sendable {
        let word: String
        let purpose: Text
        let run: @Sendable (_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode
    }

    static let commands: [Command] =
        [
            ReadersCommand.command, SignInCommand.command, FindCommand.command, IssueCommand.command,
            ActivateCommand.command,
            ReadCommand.command, AgentCommand.command, ArtworkCommand.command, LiftLossCommand.command,
            LoadCommand.command, PurchaseCommand.command, SettleCommand.command,
        ] + LifeCommands.commands

    /// Why a command stopped, with its words.
    enum Stop: Error {
        case helped
        case refused(Text)
        case unreachable(Text)
    }

    /// Runs one call of the program.
    package static func run(_ arguments: [String], environment: [String: String]) async -> ExitCode {
        let terminal = Terminal(environment: environment)
        guard let word = arguments.first, word != "--help", word != "help" else {
            terminal.say(overview(terminal.language))
            return arguments.isEmpty ? .usage : .done
        }
        guard let command = commands.first(where: { $0.word == word }) else {
            terminal.complain(
                Text(zh: "没有命令 \(word), 见 citizen-desk --help", en: "no command \(word); see citizen-desk --help")
            )
            return .usage
        }
        do {
            return try await command.run(Array(arguments.dropFirst()), terminal)
        } catch {
            return report(error, terminal)
        }
    }

    static func options(_ arguments: [String], _ usage: Usage, _ terminal: Terminal) throws -> Options {
        switch try Options.parse(arguments, usage) {
        case .call(let options): return options
        case .help:
            terminal.say(usage.help(in: terminal.language))
            throw Stop.helped
        }
    }

    static let deskOption = Option(
        "desk",
        .value("DIR"),
        Text(zh: "窗口文件夹, 默认 $CITIZEN_DESK", en: "folder of the desk, by default $CITIZEN_DESK")
    )
    static let jsonOption = Option("json", .flag, Text(zh: "以 JSON 输出", en: "one JSON object on standard output"))
    static let readerOption = Option("reader", .value("NAME"), Text(zh: "读卡器", en: "name of the reader"))

    static func folder(_ options: Options, _ terminal: Terminal) throws -> DeskFolder {
        guard let path = options["desk"] ?? terminal.environment["CITIZEN_DESK"] else {
            throw UsageFault.missingOption("desk")
        }
        return try DeskFolder(path: path)
    }

    private static func report(_ error: any Error, _ terminal: Terminal) -> ExitCode {
        switch error {
        case Stop.helped: return .done
        case Stop.refused(let text):
            terminal.complain(text)
            return .refused
        case Stop.unreachable(let text):
            terminal.complain(text)
            return .unreachable
        case let fault as UsageFault:
            terminal.complain(fault.text)
            return .usage
        case let fault as DeskFolder.Fault:
            terminal.complain(
                Text(
                    zh: "\(fault.path) 缺失或不符; 先运行 citizend desk add",
                    en: "\(fault.path) is missing or malformed; run citizend desk add first"
                )
            )
            return .unreachable
        case let problem as ServiceCall.Problem:
            terminal.complain(Text(zh: "\(problem.title) \(problem.detail)", en: "\(problem.title) \(problem.detail)"))
            return problem.status >= 500 ? .unreachable : .refused
        case let fault as ClientFault:
            terminal.complain(Text(zh: "服务不可达: \(fault)", en: "the service is not reachable: \(fault)"))
            return .unreachable
        case let fault as CardChannelFault:
            let (text, code) = words(fault)
            terminal.complain(text)
            return code
        case let fault as RelayAgent.Refused:
            terminal.complain(Text(zh: "拒绝执行: \(fault.reason)", en: "refused: \(fault.reason)"))
            return .refused
        default:
            terminal.complain(Text(zh: "未完成: \(error)", en: "stopped: \(error)"))
            return .unreachable
        }
    }

    static func words(_ fault: CardChannelFault) -> (Text, ExitCode) {
        switch fault {
        case .noService: (Text(zh: "读卡服务 pcscd 未运行", en: "pcscd is not running"), .unreachable)
        case .noReader(let name): (Text(zh: "没有读卡器 \(name)", en: "no reader \(name)"), .unreachable)
        case .noCard: (Text(zh: "读卡器中没有卡, 请放卡", en: "no card in the reader: present one"), .refused)
        case .gone: (Text(zh: "卡片被取走, 请重新放卡", en: "the card was taken away: present it again"), .refused)
        case .busy: (Text(zh: "读卡器被占用", en: "another program holds the reader"), .unreachable)
        case .stuck: (Text(zh: "卡片无响应, 请拔插读卡器", en: "the card does not answer: unplug the reader"), .unreachable)
        case .reader(let code): (Text(zh: "读卡器错误 \(code)", en: "reader error \(code)"), .unreachable)
        }
    }

    private static func overview(_ language: Language) -> String {
        let head = Text(zh: "用法: citizen-desk 命令 [选项]", en: "usage: citizen-desk COMMAND [options]").said(in: language)
        let width = commands.map(\.word.count).max() ?? 0
        let lines = commands.map { command -> String in
            "  " + command.word + String(repeating: " ", count: width - command.word.count + 2)
                + command.purpose.said(in: language)
        }
        return ([head, ""] + lines).joined(separator: "\n")
    }
}
