import Cryptography
import Database
import Encodings
import Evidence
import KeyHierarchy
import Octets

/// 存证 Writes the entry of an act into the outbox of the log, in the act's own transaction (keys-evidence 7.1).
///
/// The body is RFC 8785 JSON with pseudonyms and a keyed commitment; the detail and the commitment's key are sealed
/// beside it under the subject's data key, so erasing that key erases the detail and leaves the log whole.
struct EvidenceWriter: Sendable {
    /// How an act ended.
    enum Outcome: String { case done, refused, failed }

    let keys: KeyRing
    let vault: ResidentVault
    let random: any RandomSource
    let policyVersion: String

    func write(
        act: String,
        outcome: Outcome,
        _ entry: Entry,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws {
        var members: [JSON.Member] = [
            .init("v", 1), .init("act", .string(act)), .init("actor", .string(room.caller.reference)),
            .init("object", .string(entry.object)), .init("at", .integer(room.now.microseconds / 1000)),
            .init("outcome", .string(outcome.rawValue)), .init("policy", .string(policyVersion)),
            .init("tx", .string(Hex.encode(room.tx))),
        ]
        if let from = entry.from { members.append(.init("from", .string(from))) }
        if let to = entry.to { members.append(.init("to", .string(to))) }
        if let key = entry.key { members.append(.init("key", .string(key))) }
        var opening: [UInt8]?
        if let detail = entry.detail {
            let commitment = random.octets(32)
            let text = Commitment.text(.sha256, key: commitment, act: act, detail: detail)
            members.append(.init("commit", .string(text)))
            opening = try await sealed(commitment + detail.canonical, for: entry.subject, room, in: transaction)
        }
        let body = String(decoding: JSON.object(members).canonical, as: UTF8.self)
        try await transaction.execute(
            """
            INSERT INTO evidence_pending (tx, act, body, subject, opening, at)
            VALUES (\(room.tx), \(act), \(body), \(entry.subject), \(opening), \(room.now))
            """
        )
    }

    /// Under the subject's key, or under a key of its own that the service's identity key wraps.
    private func sealed(
        _ text: [UInt8],
        for subject: Int64?,
        _ room: ActRoom,
        in transaction: borrowing Transaction
    ) async throws -> [UInt8]? {
        guard let subject else {
            let made = try vault.makeKey(for: 0)
            let sealed = try vault.seal(text, table: "evidence_pending", column: Hex.encode(room.tx), with: made.key)
            return made.wrapped + sealed
        }
        let key = try await DataKeys.key(of: subject, vault, in: transaction)
        return try vault.seal(text, table: "evidence_pending", column: Hex.encode(room.tx), with: key)
    }
}
