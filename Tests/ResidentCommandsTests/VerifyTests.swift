import CommandLine
import Foundation
import ResidentCommands
import Testing

@Suite("离线验证 citizen verify")
struct VerifyTests {
    private static let entry =
        #"{"act":"card.activate","actor":"d:9f2c","at":1784700000123,"commit":"s256:DgzMRMKVTv3KEEMggDcT31M8q0EHYTbtzmTz6sxy-HA","from":"personalised","key":"card.app.A000000632010105.maintain#1","object":"c:4b1d7e","outcome":"done","policy":"demo-1","to":"active","tx":"00000000000000000000000000000002","v":1}"#

    /// The complete example of the log's specification (keys-evidence 8.3).
    private static let receipt = """
        c2sp.org/tlog-proof@v1
        index 1
        0VTyfkDxrA70s53rtHgICa1jGqttq3zMRhPjoDhQiUo=
        e0UQzsYMOBSX3qjALx5aoZ5qbc70Fw1VmjUXtXx78Ck=

        citizen.example/evidence/demo
        3
        ESc+yhQV0ERHYGIJPEp9+x81P+Q1jlmTI09o41oo1FA=

        — citizen.example/evidence/demo M1xbXdo9f/rj21FOGx64hxO5nyEFclH4nS822aAUu7K5qUq6JoGPyPnh54+kXNwse9pgVRkbnR59aZMVubXvQu5MMQ8=

        """
    private static let key =
        "citizen.example/evidence/demo+335c5b5d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"

    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("verify-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try put("receipt", Self.receipt)
        try put("entry", Self.entry)
        try put("evidence.vkey", Self.key + "\n")
    }

    private func put(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func verify(_ words: String..., trust: String? = nil) async -> ExitCode {
        let environment = ["CITIZEN_TRUST": trust ?? folder.path]
        return await ResidentProgram.run(["verify"] + words, environment: environment)
    }

    @Test
    func `the example is valid with its entry and undecidable without it or without trust`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(await verify(path("receipt"), "--entry", path("entry")) == .done)
        #expect(await verify(path("receipt"), "--entry", path("entry"), "--json") == .done)
        #expect(await verify(path("receipt")) == .undecidable)
        #expect(await verify(path("receipt"), "--entry", path("entry"), trust: "/nowhere") == .undecidable)
    }

    @Test
    func `what was changed is refused, what is wrongly called or absent has its own code`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try put("changed", Self.receipt.replacing("index 1", with: "index 0"))
        #expect(await verify(path("changed"), "--entry", path("entry")) == .refused)
        try put("other", Self.entry.replacing("active", with: "cancelled"))
        #expect(await verify(path("receipt"), "--entry", path("other")) == .refused)
        #expect(await verify(path("entry")) == .refused)
        #expect(await verify() == .usage)
        #expect(await verify(path("receipt"), "--nothing") == .usage)
        #expect(await verify(path("absent")) == .unreachable)
        #expect(await ResidentProgram.run([], environment: [:]) == .usage)
        #expect(await ResidentProgram.run(["--help"], environment: [:]) == .done)
        #expect(await ResidentProgram.run(["fly"], environment: [:]) == .usage)
        try put("evidence.vkey", "not a key\n")
        #expect(await verify(path("receipt"), "--entry", path("entry")) == .undecidable)
    }
}
