import CommandLine
import Foundation
import Population

/// `citizend generate residents`: invented residents for demonstrations and tests, the same for the same seed.
package struct GenerateCommand {
    static let usage = Usage(
        "citizend generate residents",
        Text(zh: "生成合成居民 (证件号码不对应任何人)", en: "invents residents whose numbers are nobody's"),
        options: [
            Option(
                "seed",
                .value("N"),
                Text(zh: "随机种子, 默认 1", en: "the same seed gives the same file; 1 unless given")
            ),
            Option("count", .value("N"), Text(zh: "有效行数, 默认 1000", en: "good lines, 1000 unless given")),
            Option("bad", .value("N"), Text(zh: "掺入的错误行数, 默认 0", en: "bad lines strewn in, none unless given")),
            Option("out", .value("FILE"), Text(zh: "输出文件, 默认标准输出", en: "the file; standard output unless given")),
        ],
        arguments: ["residents"]
    )

    /// Runs the command with the words after `generate`; gives the exit code.
    package static func run(arguments: [String], console: Console) async -> Int32 {
        do throws(UsageFault) {
            switch try Options.parse(arguments, usage) {
            case .help:
                console.out(usage.help(in: console.language) + "\n")
                return ExitCode.done.rawValue
            case .call(let options): return try write(options, console)
            }
        } catch { return console.wrongUse(error, usage) }
    }

    private static func write(_ options: Options, _ console: Console) throws(UsageFault) -> Int32 {
        guard options.arguments.first == "residents" else {
            throw .badValue(option: "generate", value: options.arguments.first ?? "", demanded: "residents")
        }
        let lines = Population.csv(
            seed: UInt64(try options.number("seed", in: 0...Int.max) ?? 1),
            count: try options.number("count", in: 0...100_000_000) ?? 1000,
            badLines: try options.number("bad", in: 0...1_000_000) ?? 0
        )
        guard let path = options["out"] else {
            for line in lines { console.out(line) }
            return ExitCode.done.rawValue
        }
        do {
            try write(lines, to: path)
            return ExitCode.done.rawValue
        } catch {
            console.complain(Text(zh: "无法写入文件 \(path)", en: "the file \(path) cannot be written"))
            return ExitCode.unreachable.rawValue
        }
    }

    private static func write(_ lines: some Sequence<String>, to path: String) throws {
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: attributes),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        var piece = ""
        for line in lines {
            piece += line
            guard piece.utf8.count > 262_144 else { continue }
            try handle.write(contentsOf: Data(piece.utf8))
            piece = ""
        }
        try handle.write(contentsOf: Data(piece.utf8))
        try handle.close()
    }
}
