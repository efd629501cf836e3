import CommandLine
import Testing

@Suite("命令行 options are parsed strictly")
struct OptionsTests {
    private static let usage = Usage(
        "tool",
        Text(zh: "工具", en: "a tool"),
        options: [
            Option("port", .value("N"), Text(zh: "端口", en: "port")),
            Option("fault", .values("SPEC"), Text(zh: "故障", en: "fault")),
            Option("json", .flag, Text(zh: "机器可读", en: "for machines")),
        ],
        arguments: ["FILE"]
    )

    private static func parse(_ words: String...) throws(UsageFault) -> Options? {
        guard case .call(let options) = try Options.parse(words, usage) else { return nil }
        return options
    }

    @Test
    func `flags, values, repeated values and arguments are told apart`() throws {
        let options = try #require(try Self.parse("--port", "7", "--fault=a", "--json", "--fault", "b", "--", "--x"))
        #expect(options["port"] == "7")
        #expect(try options.number("port", in: 1...10) == 7)
        #expect(options.all("fault") == ["a", "b"])
        #expect(options.has("json"))
        #expect(options.arguments == ["--x"])
    }

    @Test(arguments: [
        (["--prot", "7", "f"], UsageFault.unknownOption("prot")),
        (["-p", "f"], .unknownOption("p")),
        (["f", "--port"], .missingValue(option: "port")),
        (["--json=1", "f"], .surplusValue(option: "json")),
        (["--port", "1", "--port", "2", "f"], .repeated(option: "port")),
        (["--json", "--json", "f"], .repeated(option: "json")),
        ([], .missingArgument("FILE")),
        (["f", "g"], .surplusArgument("g")),
    ])
    func `a wrong call is refused and named`(words: [String], fault: UsageFault) {
        #expect(throws: fault) { try Options.parse(words, Self.usage) }
    }

    @Test
    func `a number out of bounds or with a sign is refused`() throws {
        for value in ["0", "11", "+7", "7x", "0x7"] {
            let options = try #require(try Self.parse("--port", value, "f"))
            #expect(throws: UsageFault.self) { try options.number("port", in: 1...10) }
        }
    }

    @Test
    func `help wins over faults behind it and speaks the language of the locale`() throws {
        #expect(try Options.parse(["--help", "--prot"], Self.usage) == .help)
        #expect(Self.usage.help(in: .english).contains("--port N"))
        #expect(Self.usage.help(in: .chinese).contains("端口"))
        #expect(Language(environment: ["LANG": "zh_CN.UTF-8"]) == .chinese)
        #expect(Language(environment: ["LANG": "zh_CN.UTF-8", "LC_ALL": "C"]) == .english)
        #expect(Language(environment: ["LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "C"]) == .chinese)
        #expect(Language(environment: [:]) == .english)
    }
}
