import CardSimulator
import CommandLine
import Foundation

/// `card-simulator` 虚拟卡
@main
enum Simulator {
    private static let language = Language(environment: ProcessInfo.processInfo.environment)

    private static func complain(_ text: Text) {
        FileHandle.standardError.write(Data("card-simulator: \(text.said(in: language))\n".utf8))
    }

    static func main() throws {
        do {
            switch try Options.parse(ProcessInfo.processInfo.arguments.dropFirst(), SimulatorCall.usage) {
            case .help:
                print(SimulatorCall.usage.help(in: language))
            case .call(let options):
                // The state file holds keys.
                umask(0o077)
                var server = try SimulatorCall(options).server { line in
                    print(line)
                    fflush(nil)
                }
                try server.run()
            }
        } catch let fault as UsageFault {
            complain(fault.text)
            exit(ExitCode.usage.rawValue)
        } catch let fault as SimulatorCall.Refusal {
            complain(fault.text)
            exit(fault.exitCode.rawValue)
        } catch CardServer.Fault.readerUnreachable(let port) {
            complain(Text(zh: "端口 \(port) 没有读卡器", en: "no reader listens on port \(port)"))
            exit(ExitCode.unreachable.rawValue)
        } catch CardServer.Fault.control(let path) {
            complain(Text(zh: "无法打开控制套接字 \(path)", en: "the control socket \(path) cannot be opened"))
            exit(ExitCode.unreachable.rawValue)
        }
    }
}
