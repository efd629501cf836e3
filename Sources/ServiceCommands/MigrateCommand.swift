import CommandLine
import Database
import Office

/// `citizend migrate`: brings the schema up to date, as the owner of the database.
enum MigrateCommand {
    static let command = ServiceProgram.Command(
        words: ["migrate"],
        purpose: Text(zh: "升级数据库结构", en: "bring the database schema up to date"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        _ = try console.options(arguments, Usage("citizend migrate", command.purpose))
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let applied = try await OfficeSchema.migrations().apply(to: settings.database(role: "citizen"))
        let list = applied.map(String.init).joined(separator: ", ")
        console.say(
            applied.isEmpty
                ? Text(zh: "数据库结构已是最新", en: "the schema is up to date")
                : Text(zh: "已执行迁移 \(list)", en: "applied migrations \(list)")
        )
        return .done
    }
}
