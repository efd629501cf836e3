import Cryptography
import Database
import Encodings
import Octets
import Office
import Passwords
import Testing

@Suite("员工登录 staff sign-in: what is refused, and that nobody can tell why")
struct SignInTests {
    private static let secret: [UInt8] = Array("12345678901234567890".utf8)
    private let workers = WorkerThreads(count: 2, name: "passwords")

    private func office() async throws -> TestOffice {
        let test = try await TestOffice()
        let verifier = try PasswordVerifier(SecretOctets(copying: "right".utf8), salt: SystemRandom().octets(16)).text
        let act = AddStaff(userName: "clerk1", role: "clerk", hall: "H1", verifier: verifier, timeSecret: Self.secret)
        _ = try await test.office.perform(act, by: .account(name: "console", role: "system-admin"))
        return test
    }

    private func code(_ test: TestOffice, ahead: Int64 = 0) -> String {
        TimePassword.code(secret: Self.secret, step: test.office.now.microseconds / 30_000_000 + ahead)
    }

    private func pass(_ test: TestOffice, _ seconds: Int64) {
        test.clock.with { $0 = Timestamp(microseconds: $0.microseconds + seconds * 1_000_000) }
    }

    private func signIn(
        _ test: TestOffice,
        _ user: String,
        _ password: String,
        _ code: String
    ) async throws
        -> StaffSession
    {
        try await test.office.signIn(
            user: user,
            password: SecretOctets(copying: password.utf8),
            code: code,
            on: workers
        )
    }

    @Test
    func `unknown user, wrong password and wrong code are refused alike`() async throws {
        let test = try await office()
        for (user, password, code) in [
            ("nobody", "right", code(test)), ("clerk1", "wrong", code(test)), ("clerk1", "right", "000000"),
            ("clerk1", "right", ""), ("clerk1", "", code(test)), ("CLERK1", "right", code(test)),
        ] {
            await #expect(throws: Refusal.credentials) { try await signIn(test, user, password, code) }
        }
        let session = try await signIn(test, "clerk1", "right", code(test))
        #expect(session.caller.role == "clerk")
        #expect(try await test.acts().filter { $0 == "login" }.count == 5)
        let stored: [UInt8] = try await test.owner.one("SELECT session_hash FROM staff_session").value("session_hash")
        #expect(Hex.encode(stored) != Hex.encode(try Base64.decode(session.token, .url)))
    }

    @Test
    func `a one-time password serves once, also for two at the same moment`() async throws {
        let test = try await office()
        let code = code(test)
        let opened = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { (try? await signIn(test, "clerk1", "right", code)) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(opened == 1)
        await #expect(throws: Refusal.credentials) { try await signIn(test, "clerk1", "right", code) }
        await #expect(throws: Refusal.credentials) {
            try await signIn(test, "clerk1", "right", self.code(test, ahead: -1))
        }
        await #expect(throws: Refusal.credentials) {
            try await signIn(test, "clerk1", "right", self.code(test, ahead: 2))
        }
        _ = try await signIn(test, "clerk1", "right", self.code(test, ahead: 1))
    }

    @Test
    func `from the fifth failure on the wait doubles, up to a minute`() async throws {
        let test = try await office()
        for _ in 0..<4 {
            await #expect(throws: Refusal.credentials) { try await signIn(test, "clerk1", "wrong", "000000") }
        }
        for wait in [Int64(2), 4, 8, 16, 32, 60, 60] {
            await #expect(throws: Refusal.credentials) { try await signIn(test, "clerk1", "wrong", "000000") }
            let until = test.office.now.microseconds / 1_000_000 + wait
            await #expect(throws: Refusal.blocked(untilSeconds: until), "\(wait)") {
                try await signIn(test, "clerk1", "right", code(test))
            }
            pass(test, wait - 1)
            await #expect(throws: Refusal.blocked(untilSeconds: until), "\(wait)") {
                try await signIn(test, "clerk1", "right", code(test))
            }
            pass(test, 1)
        }
        _ = try await signIn(test, "clerk1", "right", code(test))
        #expect(try await test.owner.one("SELECT failures FROM staff").value("failures") == Int32(0))
    }

    @Test
    func `many guesses at the same moment count as many`() async throws {
        let test = try await office()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try? await signIn(test, "clerk1", "wrong", "000000") } }
        }
        let row = try await test.owner.one("SELECT failures, blocked_until FROM staff")
        let failures: Int32 = try row.value("failures")
        let until: Timestamp? = try row.value("blocked_until")
        #expect(failures >= 5)
        #expect(until.map { $0 > test.office.now } == true)
        await #expect(throws: Refusal.self) { try await signIn(test, "clerk1", "right", code(test)) }
    }

    @Test
    func `an idle, an old and an ended session are no sessions, nor one of a stopped member of staff`() async throws {
        let test = try await office()
        let session = try await signIn(test, "clerk1", "right", code(test))
        #expect(try await test.office.session(token: session.token).caller.userName == "clerk1")
        for wrong in ["", "x", session.token + "A", Base64.encode([UInt8](repeating: 0, count: 32), .url)] {
            await #expect(throws: Refusal.credentials) { try await test.office.session(token: wrong) }
        }
        // Used every 29 minutes it lives eight hours.
        for _ in 0..<16 {
            pass(test, 29 * 60)
            _ = try await test.office.session(token: session.token)
        }
        pass(test, 29 * 60)
        await #expect(throws: Refusal.credentials) { try await test.office.session(token: session.token) }
        let idle = try await signIn(test, "clerk1", "right", code(test))
        pass(test, 30 * 60)
        await #expect(throws: Refusal.credentials) { try await test.office.session(token: idle.token) }
        let ended = try await signIn(test, "clerk1", "right", code(test))
        try await test.office.signOut(token: ended.token)
        try await test.office.signOut(token: ended.token)
        await #expect(throws: Refusal.credentials) { try await test.office.session(token: ended.token) }
        pass(test, 60)
        let stopped = try await signIn(test, "clerk1", "right", code(test))
        try await test.owner.execute("UPDATE staff SET state = 2")
        await #expect(throws: Refusal.credentials) { try await test.office.session(token: stopped.token) }
        await #expect(throws: Refusal.credentials) { try await signIn(test, "clerk1", "right", code(test, ahead: 1)) }
    }
}
