package import Cryptography
package import Database
import Encodings
package import KeyHierarchy
import Octets
package import Policies

/// 业务办理 The one door: every act and every look at personal data goes through `perform`.
///
/// (1) the caller is known, (2) policy is asked before any row is read, (3) one transaction holds the idempotency row,
/// the act and its evidence, (4) it commits whole or not at all. A refusal of a known caller is evidence too.
package final class Office: Sendable {
    package let database: Database
    package let keys: KeyRing
    package let vault: ResidentVault
    package let roles: RolePolicy
    package let city: CityPolicy
    package let random: any RandomSource
    package let numbers: RowNumbers
    private let clock: @Sendable () -> Timestamp
    private let evidence: EvidenceWriter

    /// The composition root hands in everything that is live.
    package init(
        database: Database,
        keys: KeyRing,
        roles: RolePolicy,
        city: CityPolicy,
        random: any RandomSource,
        node: Int64,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.keys = keys
        self.roles = roles
        self.city = city
        self.random = random
        self.clock = clock
        vault = ResidentVault(keys: keys, random: random)
        numbers = RowNumbers(node: node)
        evidence = EvidenceWriter(keys: keys, vault: vault, random: random, policyVersion: "roles-\(roles.version)")
    }

    package var now: Timestamp { clock() }

    /// What a caller gets: the answer and the number under which the log keeps the act.
    package struct Receipted<Answer: Sendable>: Sendable {
        package let answer: Answer
        package let tx: [UInt8]
    }

    /// An idempotency key with the hash of what was asked under it.
    package struct RequestKey: Sendable {
        package let key: String
        package let requestHash: [UInt8]

        package init(key: String, requestHash: [UInt8]) {
            self.key = key
            self.requestHash = requestHash
        }
    }

    /// Carries out an act. The same key with the same request gives the first answer again.
    package func perform<Command: Act>(
        _ act: Command,
        by caller: Caller,
        key: RequestKey? = nil
    ) async throws(Refusal) -> Receipted<Command.Answer> {
        let room = room(for: caller)
        // What somebody has looked at is never kept with a key: it would lie there in the clear.
        let key = Command.keepsAnswer ? key : nil
        guard isAllowed(Command.name, caller) else {
            let refusal = Refusal.forbidden(act: Command.name, role: caller.role)
            try await record(refusal, of: Command.name, room)
            throw refusal
        }
        do {
            return try await database.transaction { transaction in
                if let key, let stored = try await self.stored(key, caller, room, in: transaction) {
                    guard
                        let answer = try Command.Answer(json: JSONReader.read(Array(stored.utf8), sizeLimit: 4_194_304))
                    else { throw Refusal.unknownOutcome }
                    return Receipted(answer: answer, tx: room.tx)
                }
                let done = try await act.carryOut(in: transaction, room)
                try await self.evidence.write(
                    act: Command.evidenceName,
                    outcome: .done,
                    done.entry,
                    room,
                    in: transaction
                )
                if let key {
                    try await transaction.execute(
                        """
                        UPDATE idempotency SET answer = \(done.answer.json.text)
                        WHERE caller = \(caller.reference) AND key = \(key.key)
                        """
                    )
                }
                return Receipted(answer: done.answer, tx: room.tx)
            }
        } catch let refusal as Refusal {
            if refusal.isEvidence { try await record(refusal, of: Command.name, self.room(for: caller)) }
            throw refusal
        } catch let fault as DatabaseFault {
            throw Refusal(fault)
        } catch is KeyRing.Fault {
            throw .unavailable(.keys)
        } catch is CryptographyFault {
            throw .unavailable(.keys)
        } catch {
            throw .unavailable(.evidence)
        }
    }

    /// Asks policy for a plain read; a refusal of a known caller is kept, as at the door.
    func demand(_ permission: String, of caller: Caller) async throws(Refusal) {
        guard !isAllowed(permission, caller) else { return }
        let refusal = Refusal.forbidden(act: permission, role: caller.role)
        try await record(refusal, of: permission, room(for: caller))
        throw refusal
    }

    /// A room for one act: one clock reading, one random number.
    package func room(for caller: Caller) -> ActRoom {
        ActRoom(
            caller: caller,
            now: clock(),
            tx: random.octets(16),
            random: random,
            keys: keys,
            vault: vault,
            roles: roles,
            city: city,
            numbers: numbers
        )
    }

    /// A desk relays what a clerk began, and an account of the server has the role it was started in.
    private func isAllowed(_ act: String, _ caller: Caller) -> Bool {
        switch caller {
        case .desk: act.hasPrefix("relay.")
        case .staff, .account: roles.may(caller.role, act)
        }
    }

    private func stored(
        _ key: RequestKey,
        _ caller: Caller,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> String? {
        let fresh = try await transaction.execute(
            """
            INSERT INTO idempotency (caller, key, request_hash, created_at)
            VALUES (\(caller.reference), \(key.key), \(key.requestHash), \(room.now)) ON CONFLICT DO NOTHING
            """
        )
        guard fresh == 0 else { return nil }
        let row = try await transaction.one(
            "SELECT request_hash, answer FROM idempotency WHERE caller = \(caller.reference) AND key = \(key.key)"
        )
        let hash: [UInt8] = try row.value("request_hash")
        guard hash == key.requestHash else { throw Refusal.keyReused }
        let answer: String? = try row.value("answer")
        guard let answer else { throw Refusal.unknownOutcome }
        return answer
    }

    /// An entry of an act that has a door of its own: sign-in, start.
    func note(
        _ outcome: EvidenceWriter.Outcome,
        _ act: String,
        _ entry: Entry,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws {
        try await evidence.write(act: act, outcome: outcome, entry, room, in: transaction)
    }

    private func record(_ refusal: Refusal, of act: String, _ room: ActRoom) async throws(Refusal) {
        do {
            try await database.transaction { transaction in
                let entry = Entry(object: "act:\(act)", detail: ["reason": .string(refusal.word)])
                try await self.evidence.write(act: "refusal", outcome: .refused, entry, room, in: transaction)
            }
        } catch { throw .unavailable(.evidence) }
    }
}

extension Refusal {
    /// Whether the refusal of a known caller is kept: what tells of a wrong attempt, not what a retry would mend.
    var isEvidence: Bool {
        switch self {
        case .forbidden, .credentials, .blocked, .keyReused: true
        case .absent, .invalid, .conflict, .unavailable, .unknownOutcome: false
        }
    }

    /// One word for the log.
    var word: String {
        switch self {
        case .forbidden: "forbidden"
        case .absent: "absent"
        case .invalid: "invalid"
        case .conflict: "conflict"
        case .keyReused: "key-reused"
        case .credentials: "credentials"
        case .blocked: "blocked"
        case .unavailable: "unavailable"
        case .unknownOutcome: "unknown-outcome"
        }
    }
}
