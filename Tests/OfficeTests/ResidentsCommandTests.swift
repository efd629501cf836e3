import CommandLine
import Encodings
import Foundation
import Octets
import Office
import Population
import ServiceCommands
import Testing

@Suite("命令 import and generate, as an operator calls them")
struct ResidentsCommandTests {
    private final class Screen: Sendable {
        let out = Lock("")
        let err = Lock("")

        func console(_ language: Language = .english) -> Console {
            Console(
                language: language,
                kind: .file,
                out: { [out] text in out.with { $0 += text } },
                err: { [err] text in err.with { $0 += text } }
            )
        }
    }

    @Test
    func `what was generated is imported, and the bad lines are reported`() async throws {
        let test = try await TestOffice()
        let screen = Screen()
        let path = test.folder.appendingPathComponent("made.csv").path
        let made = await GenerateCommand.run(
            arguments: ["residents", "--seed", "2", "--count", "500", "--bad", "16", "--out", path],
            console: screen.console()
        )
        #expect(made == 0 && screen.out.with { $0 }.isEmpty)
        let report = test.folder.appendingPathComponent("refused.csv").path
        let words = ["residents", path, "--report", report, "--json"]
        let code = await ImportCommand.run(
            arguments: words,
            office: test.office,
            caller: test.operating,
            console: screen.console()
        )
        #expect(code == 0)
        let json = try JSONReader.read(Array(screen.out.with { $0 }.utf8))
        #expect(json["accepted"]?.integer == 500 && json["refused"]?.integer == 16)
        #expect(json["report"]?.string == report && json["alreadyDone"]?.bool == false)
        let lines = try String(contentsOfFile: report, encoding: .utf8)
        for code in [
            "check-digit", "no-such-day", "quoting", "private-use-U+E863", "disagrees", "missing", "document-taken",
            "field-count",
        ] {
            #expect(lines.split(separator: "\n").count { $0.contains(",\(code),") } == 2, "\(code)")
        }
        let again = Screen()
        _ = await ImportCommand.run(
            arguments: ["residents", path],
            office: test.office,
            caller: test.operating,
            console: again.console(.chinese)
        )
        #expect(again.out.with { $0 }.contains("该文件此前已全部导入"))
    }

    @Test
    func `exit codes tell what was wrong`() async throws {
        let test = try await TestOffice()
        let path = test.folder.appendingPathComponent("one.csv").path
        try Data(Population.csv(seed: 1, count: 1).joined().utf8).write(to: URL(fileURLWithPath: path))
        let headless = test.folder.appendingPathComponent("headless.csv").path
        try Data("name,colour\n".utf8).write(to: URL(fileURLWithPath: headless))
        let calls: [(words: [String], caller: Caller, code: Int32)] = [
            (["--help"], test.operating, 0), ([], test.operating, 2), (["people", path], test.operating, 2),
            (["residents", path, "--colour"], test.operating, 2),
            (["residents", path, "--encoding", "latin1"], test.operating, 2),
            (["residents", "/nowhere.csv"], test.operating, 4), (["residents", headless], test.operating, 1),
            (["residents", path], test.clerk, 1), (["residents", path], test.operating, 0),
        ]
        for call in calls {
            let screen = Screen()
            let code = await ImportCommand.run(
                arguments: call.words,
                office: test.office,
                caller: call.caller,
                console: screen.console()
            )
            #expect(code == call.code, "\(call.words)")
            #expect(code == 0 || !screen.err.with { $0 }.isEmpty)
        }
        let screen = Screen()
        #expect(await GenerateCommand.run(arguments: ["residents", "--count", "2"], console: screen.console()) == 0)
        #expect(screen.out.with { $0 } == Population.csv(seed: 1, count: 2).joined())
        #expect(await GenerateCommand.run(arguments: ["cards"], console: screen.console()) == 2)
    }
}
