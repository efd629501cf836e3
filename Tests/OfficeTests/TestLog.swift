import Cryptography
import Database
import Evidence
import Foundation
import KeyHierarchy
import Octets
import Office

/// The log of a test office: its identity, a copy file of its own, and sequencers over its database.
struct TestLog: Sendable {
    static let origin = "citizen.example/evidence/test"

    let test: TestOffice
    let identity: LogIdentity
    let copy: CheckpointCopy

    init(_ test: TestOffice) throws {
        self.test = test
        identity = try LogIdentity(origin: Self.origin, signer: test.office.keys.signer("evidence.log"))
        copy = CheckpointCopy(path: test.folder.appendingPathComponent("checkpoint").path)
    }

    var log: EvidenceLog { EvidenceLog(database: test.office.database) }

    func sequencer() -> Sequencer {
        Sequencer(
            database: test.office.database,
            identity: identity,
            copy: copy,
            workers: WorkerThreads(count: 1, name: "log")
        )
    }

    /// Turns until nothing waits.
    func drain() async throws {
        let sequencer = sequencer()
        // A turn that was cancelled elsewhere may hold the lock for a moment.
        repeat { try await sequencer.turn() } while try await number("SELECT count(*) FROM evidence_pending") > 0
        try await sequencer.turn()
    }

    /// Pending entries without an act, as fast as the database takes them.
    func addEntries(_ count: Int, name: String = "n") async throws {
        try await test.owner.execute(
            """
            INSERT INTO evidence_pending (tx, act, body, at)
            SELECT decode(md5(\(name) || n), 'hex'), 'test',
                '{"act":"test","at":' || n || ',"object":"n:' || n || '","tx":"' || md5(\(name) || n) || '"}', now()
            FROM generate_series(1, \(Int64(count))) AS n
            """
        )
    }

    func number(_ query: Query) async throws -> Int64 { try await test.owner.one(query).value(at: 0) }

    /// Runs statements as the owner with the guards of the log switched off: what an intruder with all rights does.
    func tamper(_ statements: [Query]) async throws {
        try await test.owner.transaction { transaction in
            try await transaction.execute("SET LOCAL session_replication_role = replica")
            for statement in statements { try await transaction.execute(statement) }
        }
    }
}
