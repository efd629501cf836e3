import Database
import CommandLine
import Encodings
import Office

/// `citizend status`: what the database says of residents, cards, jobs and keys.
enum StatusCommand {
    static let command = ServiceProgram.Command(
        words: ["status"],
        purpose: Text(zh: "显示状态", en: "show what there is"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        _ = try console.options(arguments, Usage("citizend status", command.purpose))
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let row = try await parts.office.database.one(
            """
            SELECT (SELECT count(*) FROM resident) AS residents, (SELECT count(*) FROM card) AS cards,
                (SELECT count(*) FROM card WHERE state = 5) AS active,
                (SELECT count(*) FROM perso_job WHERE state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN')) AS jobs,
                (SELECT count(*) FROM evidence_pending) + (SELECT count(*) FROM evidence_entry) AS entries, (SELECT count(*) FROM key_version) AS keys
            """
        )
        var members: [JSON.Member] = []
        for name in ["residents", "cards", "active", "jobs", "entries", "keys"] {
            members.append(.init(name, .integer(try row.value(name))))
        }
        console.say(JSON.object(members).text)
        await parts.office.database.close()
        return .done
    }
}
