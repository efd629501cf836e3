import CommandLine
import Database
import Evidence
import Office

/// `citizend log export DIR`: checkpoint, tiles and entry bundles as files that any web server may serve.
enum LogExportCommand {
    static let command = ServiceProgram.Command(
        words: ["log", "export"],
        purpose: Text(zh: "导出存证日志 (审计员)", en: "write the evidence log as static files, for the auditor"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let usage = Usage("citizend log export", command.purpose, arguments: ["DIR"])
        let options = try console.options(arguments, usage)
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let caller = Caller.account(name: "auditor", role: "auditor")
        let head: ExportLog.Answer
        do throws(Refusal) { head = try await parts.office.perform(ExportLog(), by: caller).answer } catch {
            throw error
        }
        let files = LogFiles(folder: options.arguments[0], log: EvidenceLog(database: parts.office.database))
        try await files.write(head, key: parts.logIdentity().key.text)
        await parts.office.database.close()
        console.say(Text(zh: "已导出 \(head.size) 条", en: "exported \(head.size) entries"))
        return .done
    }
}
