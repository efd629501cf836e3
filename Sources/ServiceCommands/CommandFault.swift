import CommandLine
import Cryptography
import Database
import KeyHierarchy
import Office
import Policies

/// Turns what stopped a command into one line with the remedy and an exit code.
enum CommandFault: Error {
    /// The help text was asked for and given.
    case helped
    /// A refusal with its words.
    case refused(Text)
    /// Something cannot be reached or read.
    case unreachable(Text)

    static func report(_ error: any Error, _ console: Console) -> ExitCode {
        switch error {
        case CommandFault.helped: return .done
        case CommandFault.refused(let text):
            console.complain(text)
            return .refused
        case CommandFault.unreachable(let text):
            console.complain(text)
            return .unreachable
        case let fault as UsageFault:
            console.complain(fault.text)
            return .usage
        case let fault as ServiceSettings.Fault:
            console.complain(
                Text(zh: "设置 \(fault.name): \(fault.reason)", en: "setting \(fault.name): \(fault.reason)")
            )
            return .unreachable
        case let fault as PolicyFault:
            console.complain(Text(zh: "规则文件不符: \(fault)", en: "policy refused: \(fault)"))
            return .refused
        case let fault as Hierarchy.Fault:
            console.complain(
                Text(
                    zh: "Keys/hierarchy.json \(fault.pointer): \(fault.reason)",
                    en: "Keys/hierarchy.json \(fault.pointer): \(fault.reason)"
                )
            )
            return .refused
        case let fault as DatabaseFault:
            console.complain(
                Text(
                    zh: "数据库不可用 (\(fault)); 请先 make up",
                    en: "the database is not reachable (\(fault)); is the stack up?"
                )
            )
            return .unreachable
        case let fault as MigrationFault:
            console.complain(Text(zh: "迁移未完成: \(fault)", en: "migration stopped: \(fault)"))
            return .refused
        case let fault as KeyRing.Fault:
            console.complain(Text(zh: "密钥: \(fault)", en: "keys: \(fault)"))
            return .refused
        case let fault as CustodyFault:
            console.complain(Text(zh: "密钥保管: \(fault)", en: "key custody: \(fault)"))
            return .unreachable
        case let fault as LogFault:
            console.complain(LogWords.text(fault))
            return .refused
        case let refusal as Refusal:
            console.complain(Text(zh: "拒绝: \(refusal)", en: "refused: \(refusal)"))
            if case .unavailable = refusal { return .unreachable }
            return .refused
        default:
            console.complain(Text(zh: "未完成: \(error)", en: "stopped: \(error)"))
            return .unreachable
        }
    }
}
