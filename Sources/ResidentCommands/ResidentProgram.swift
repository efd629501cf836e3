package import CommandLine

/// `citizen` 市民程序: its commands, one file each, by the word that calls them.
package enum ResidentProgram {
    /// One command: the word after the program's name, what it does, and its run.
    struct Command: Sendable {
        let word: String
        let purpose: Text
        let run: @Sendable (_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode
    }

    static let commands: [Command] = [VerifyCommand.command]

    /// Runs one call of the program.
    package static func run(_ arguments: [String], environment: [String: String]) async -> ExitCode {
        let terminal = Terminal(environment: environment)
        guard let word = arguments.first, word != "--help", word != "help" else {
            terminal.say(overview(terminal.language))
            return arguments.isEmpty ? .usage : .done
        }
        guard let command = commands.first(where: { $0.word == word }) else {
            terminal.complain(Text(zh: "没有命令 \(word), 见 citizen --help", en: "no command \(word); see citizen --help"))
            return .usage
        }
        do {
            return try await command.run(Array(arguments.dropFirst()), terminal)
        } catch let fault as UsageFault {
            terminal.complain(fault.text)
            return .usage
        } catch let fault as FileFault {
            terminal.complain(fault.text)
            return .unreachable
        } catch {
            terminal.complain(Text(zh: "未完成: \(error)", en: "stopped: \(error)"))
            return .unreachable
        }
    }

    private static func overview(_ language: Language) -> String {
        let head = Text(zh: "用法: citizen 命令 [选项]", en: "usage: citizen COMMAND [options]").said(in: language)
        let lines = commands.map { "  \($0.word)  \($0.purpose.said(in: language))" }
        return ([head, ""] + lines).joined(separator: "\n")
    }
}
