import CommandLine
import Foundation
import ResidentCommands

/// `citizen` 市民卡 for residents, gates and any verifier.
@main
enum Citizen {
    static func main() async {
        let arguments = Array(ProcessInfo.processInfo.arguments.dropFirst())
        let code = await ResidentProgram.run(arguments, environment: ProcessInfo.processInfo.environment)
        code.end()
    }
}
