import CommandLine
import Foundation
import ServiceCommands

/// `citizend` 市民卡后台
@main
enum Citizend {
    static func main() async {
        let arguments = Array(ProcessInfo.processInfo.arguments.dropFirst())
        let code = await ServiceProgram.run(arguments, environment: ProcessInfo.processInfo.environment)
        code.end()
    }
}
