import CommandLine
import Encodings

/// `citizen-desk find`: looks a resident up, with the reason that the log keeps.
enum FindCommand {
    static let command = DeskProgram.Command(word: "find", purpose: Text(zh: "查找居民", en: "find a resident"), run: run)

    static let searchOptions = [
        Option("name", .value("NAME"), Text(zh: "姓名", en: "name as written")),
        Option("birth", .value("YYYYMMDD"), Text(zh: "出生日期", en: "birth date, to tell namesakes apart")),
        Option("reason", .value("TEXT"), Text(zh: "事由 (记入日志)", en: "why; the log keeps it")),
    ]

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage(
            "citizen-desk find",
            command.purpose,
            options: [DeskProgram.deskOption] + searchOptions + [DeskProgram.jsonOption],
            notes: [
                Text(
                    zh: "证件号码不作为参数: 从环境变量 CITIZEN_DOCUMENT 读取",
                    en: "a document number is never an argument: it is read from CITIZEN_DOCUMENT"
                )
            ]
        )
        let options = try DeskProgram.options(arguments, usage, terminal)
        let folder = try DeskProgram.folder(options, terminal)
        let found = try await search(options, ServiceCall(folder), terminal)
        if options.has("json") {
            terminal.say(JSON.object([.init("residents", .array(found))]).text)
        } else {
            for resident in found { terminal.say(line(resident)) }
        }
        if found.isEmpty {
            terminal.complain(Text(zh: "没有找到", en: "nobody found"))
            return .refused
        }
        return .done
    }

    static func search(_ options: Options, _ call: ServiceCall, _ terminal: Terminal) async throws -> [JSON] {
        var members: [JSON.Member] = [.init("reason", .string(try options.required("reason")))]
        if let name = options["name"] { members.append(.init("name", .string(name))) }
        if let birth = options["birth"] { members.append(.init("birth", .string(birth))) }
        if let document = terminal.environment["CITIZEN_DOCUMENT"], !document.isEmpty {
            members.append(.init("document", .string(document)))
        }
        return try await call.send("POST", "/api/v1/residents/search", .object(members))["residents"]?.array ?? []
    }

    static func line(_ resident: JSON) -> String {
        ["resident", "name", "birth", "document", "district"].map { resident[$0]?.string ?? "" }.joined(separator: "  ")
    }
}
