import CommandLine
import DeskCommands
import Foundation

/// `citizen-desk` 窗口程序
@main
enum CitizenDesk {
    static func main() async {
        let arguments = Array(ProcessInfo.processInfo.arguments.dropFirst())
        let code = await DeskProgram.run(arguments, environment: ProcessInfo.processInfo.environment)
        code.end()
    }
}
