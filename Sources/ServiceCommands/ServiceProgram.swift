import Database
package import CommandLine
import FoundationEssentials
import Office

/// `citizend` 后台程序: its commands, by the words that call them.
package enum ServiceProgram {
    /// One command: the words after the program's name, what it does, and its run.
    struct Command: Sendable {
        let words: [String]
        let purpose: Text
        let run: @Sendable (_ arguments: [String], _ console: Console) async throws -> ExitCode
    }

    static let commands: [Command] = [
        ServeCommand.command, MigrateCommand.command, CeremonyCommand.command, KeyListCommand.command,
        StaffCommand.command, DeskCommand.command, ServerCertificateCommand.command, AnchorsCommand.command,
        CheckPoliciesCommand.command, StatusCommand.command, LogCheckCommand.command, LogShowCommand.command,
        LogExportCommand.command, TerminalCommand.command, importing, generating,
    ]

    /// `citizend import residents FILE`, by an operator of the server.
    private static let importing = Command(
        words: ["import"],
        purpose: Text(zh: "批量导入居民", en: "import residents from a CSV file")
    ) { arguments, console in
        guard case .call = try ImportCommand.options(arguments, console) else { return .done }
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let code = await ImportCommand.run(
            arguments: arguments,
            office: parts.office,
            caller: .account(name: "console", role: "operator"),
            console: console
        )
        await parts.office.database.close()
        return ExitCode(rawValue: code) ?? .unreachable
    }

    /// `citizend generate residents`: a synthetic population.
    private static let generating = Command(
        words: ["generate"],
        purpose: Text(zh: "生成虚拟居民", en: "write a synthetic population")
    ) { arguments, console in
        ExitCode(rawValue: await GenerateCommand.run(arguments: arguments, console: console)) ?? .unreachable
    }

    /// Runs one call of the program.
    package static func run(_ arguments: [String], environment: [String: String]) async -> ExitCode {
        let console = Console(environment: environment, folder: FileManager.default.currentDirectoryPath)
        if arguments.isEmpty || arguments == ["--help"] || arguments == ["help"] {
            console.say(overview(console.language))
            return arguments.isEmpty ? .usage : .done
        }
        let found = commands.filter { arguments.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
        guard let command = found else {
            console.complain(
                Text(
                    zh: "没有命令 \(arguments[0]), 见 citizend --help",
                    en: "no command \(arguments[0]); see citizend --help"
                )
            )
            return .usage
        }
        do {
            return try await command.run(Array(arguments.dropFirst(command.words.count)), console)
        } catch {
            return CommandFault.report(error, console)
        }
    }

    private static func overview(_ language: Language) -> String {
        let head = Text(zh: "用法: citizend 命令 [选项]", en: "usage: citizend COMMAND [options]").said(in: language)
        let width = commands.map { $0.words.joined(separator: " ").count }.max() ?? 0
        let lines = commands.map { command -> String in
            let words = command.words.joined(separator: " ")
            return "  " + words + String(repeating: " ", count: width - words.count + 2)
                + command.purpose.said(in: language)
        }
        return ([head, ""] + lines).joined(separator: "\n")
    }
}
