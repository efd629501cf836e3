import Testing

@Suite("场景 text sessions on the whole stack", .serialized)
struct ScenarioTests {
    /// Plays one session in a home of its own.
    private func play(_ name: String, custody: String = "file", seconds: Int = 300) async throws {
        let stage = try Stage(custody: custody)
        do {
            try await stage.play(name, seconds: seconds)
        } catch {
            _ = try await stage.leave()
            throw error
        }
        let left = try await stage.leave()
        #expect(left.isEmpty, "outlived its stack: \(left)")
    }

    private static let lacking = Comment(rawValue: "missing here: \(Stage.missing.joined(separator: ", "))")

    @Test
    func `every command explains itself and refuses what it does not know`() async throws {
        try await play("help")
    }

    @Test(.enabled(if: Stage.missing.isEmpty, lacking))
    func `a stack is brought up, asked, and taken down, twice in a row`() async throws { try await play("stack") }

    @Test(.enabled(if: Stage.missing.isEmpty, lacking))
    func `residents are imported, bad lines reported, namesakes told apart`() async throws {
        try await play("residents")
    }

    @Test(.enabled(if: Stage.missing.isEmpty, lacking))
    func `a card is issued and activated at a reader`() async throws { try await play("issue") }

    @Test(.enabled(if: Stage.missing.isEmpty, lacking))
    func `what breaks is told, and goes on when it is mended`() async throws { try await play("interruptions") }

    @Test(.enabled(if: Stage.missing.isEmpty && Stage.mayMount, "a small disk cannot be mounted here"))
    func `a full disk is refused clearly and loses nothing`() async throws { try await play("disk") }

    @Test(.enabled(if: Stage.missing.isEmpty, lacking))
    func `a second stack stands beside the first`() async throws { try await play("beside") }

    @Test(.enabled(if: Stage.missing.isEmpty, lacking))
    func `the service is killed again and again while cards are issued`() async throws { try await play("kills") }

    @Test(.enabled(if: Stage.missing.isEmpty && Stage.hasToken, "missing here: \(Stage.missing), or SoftHSM"))
    func `no secret and no personal datum is where it must not be`() async throws {
        try await play("canaries", custody: "pkcs11")
    }
}
