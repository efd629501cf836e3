import Database
import Encodings
import Office
import Testing

/// 逐项检验 What every act must stand: a caller who may not, a crash between work and commit, a repeated key, a key that
/// comes with another request.
struct ActProof {
    let test: TestOffice

    /// How often a row of the act's work is there.
    let rows: Query

    private func count() async throws -> Int64 { try await test.owner.one(rows).value(at: 0) }

    private func kept() async throws -> Int64 {
        try await test.owner.one("SELECT count(*) AS n FROM idempotency").value("n")
    }

    /// Proves the act; gives its answer. `made` is how many rows it makes.
    func proven<Command: Act>(
        _ act: Command,
        by caller: Caller,
        refused: [Caller],
        made: Int64 = 1
    ) async throws -> Command.Answer {
        try await refuses(act, refused)
        try await survivesCrash(act, by: caller)
        let before = (rows: try await count(), keys: try await kept())
        let key = Office.RequestKey(key: "proof-\(Command.evidenceName)", requestHash: [1])
        let first = try await test.office.perform(act, by: caller, key: key).answer
        #expect(try await test.acts().last == Command.evidenceName)
        #expect(try await count() == before.rows + made)
        let acts = try await test.acts().count
        let again = try await test.office.perform(act, by: caller, key: key).answer
        #expect(again.json == first.json)
        #expect(try await count() == before.rows + made)
        #expect(try await test.acts().count == acts)
        #expect(try await kept() == before.keys + 1)
        await #expect(throws: Refusal.keyReused) {
            try await test.office.perform(act, by: caller, key: Office.RequestKey(key: key.key, requestHash: [2]))
        }
        #expect(try await count() == before.rows + made)
        #expect(try await isRefusal(of: Command.name))
        return first
    }

    /// Each of these callers is refused before a row is written, and the refusal is an entry.
    func refuses(_ act: some Act, _ callers: [Caller]) async throws {
        let before = try await count()
        for caller in callers {
            let acts = try await test.acts().count
            await #expect(throws: Refusal.forbidden(act: type(of: act).name, role: caller.role)) {
                try await test.office.perform(act, by: caller)
            }
            #expect(try await test.acts().count == acts + 1)
            #expect(try await isRefusal(of: type(of: act).name))
        }
        #expect(try await count() == before)
    }

    /// Whether the newest entry is the refusal of this act.
    private func isRefusal(of act: String) async throws -> Bool {
        let row = try await test.owner.one("SELECT act, body FROM evidence_pending ORDER BY id DESC LIMIT 1")
        let body = try JSONReader.read(Array(try row.value("body", as: String.self).utf8))
        return try row.value("act", as: String.self) == "refusal" && body["outcome"]?.string == "refused"
            && body["object"]?.string == "act:\(act)" && body["commit"]?.string?.hasPrefix("s256:") == true
    }

    /// The commit fails with everything done: nothing stays, and the same key does it afterwards.
    private func survivesCrash(_ act: some Act, by caller: Caller) async throws {
        let before = (rows: try await count(), acts: try await test.acts(), keys: try await kept())
        for crash in Crash.allCases {
            try await crash.arm(test.owner)
            await #expect(throws: Refusal.self, "\(crash)") {
                try await test.office.perform(act, by: caller, key: Office.RequestKey(key: "crash-k", requestHash: [9]))
            }
            try await crash.disarm(test.owner)
            #expect(try await count() == before.rows, "\(crash)")
            #expect(try await test.acts() == before.acts, "\(crash)")
            #expect(try await kept() == before.keys, "\(crash)")
        }
    }
}
