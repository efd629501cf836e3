import Database
import Cryptography
import Encodings
import KeyHierarchy
import Octets

/// 卡片在场证明 The chip's own answer to a challenge of the service, made with the key of slot 9E: the card lies there,
/// not only its number (CC-1, 2.7).
///
/// The challenge holds its own time and a tag of the service, so that no row remembers it: time(4) ‖ tag(12). What the
/// chip signs is SHA-256("CC-9E-1" ‖ 00 ‖ card(6) ‖ challenge(16)).
package struct PresenceProof: Hashable, Sendable {
    /// Sixteen octets that the service gave.
    package let challenge: [UInt8]
    /// ECDSA in DER.
    package let signature: [UInt8]

    /// As a desk sends it.
    package init(challenge: [UInt8], signature: [UInt8]) {
        self.challenge = challenge
        self.signature = signature
    }

    /// How long a challenge serves.
    package static let lifetimeSeconds: Int64 = 120
    private static let tagLength = 12

    /// A challenge for one card and one caller.
    package static func challenge(
        for card: [UInt8],
        of caller: Caller,
        _ office: Office
    ) async throws(Refusal) -> [UInt8] {
        try await office.demand(LiftLossReport.name, of: caller)
        do {
            return try challenge(for: card, of: caller, at: office.now.seconds, office.keys.mac)
        } catch { throw .unavailable(.keys) }
    }

    /// What the chip signs.
    package static func digest(of challenge: [UInt8], card: [UInt8]) -> [UInt8] {
        Digest.sha256.hash(Array("CC-9E-1".utf8) + [0] + card.prefix(6) + challenge)
    }

    /// Refuses unless the challenge is ours, fresh, for this caller, and answered by the chip of this card.
    func check(_ card: CardMove.CardRow, _ room: ActRoom, in transaction: borrowing Transaction) async throws {
        guard challenge.count == 16 else { throw Refusal.invalid(field: "challenge", .length) }
        let time = Int64(challenge.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        let expected = try Self.challenge(for: card.reference, of: room.caller, at: time, room.keys.mac)
        guard constantTimeEquals(challenge, expected), (0...Self.lifetimeSeconds).contains(room.now.seconds - time)
        else { throw Refusal.conflict(.presenceUnproven) }
        let digest = Self.digest(of: challenge, card: card.reference)
        let rows = try await transaction.all(
            "SELECT der FROM certificate WHERE card_id = \(card.id) AND slot = 158 ORDER BY issued_at DESC LIMIT 4"
        )
        for row in rows {
            let der: [UInt8] = try row.value("der")
            if try Certificate(der: der).publicKey.verifies(signature, ofDigest: digest) { return }
        }
        throw Refusal.conflict(.presenceUnproven)
    }

    private static func challenge(
        for card: [UInt8],
        of caller: Caller,
        at seconds: Int64,
        _ mac: (String, [UInt8]) throws -> [UInt8]
    ) throws -> [UInt8] {
        let time = UInt32(truncatingIfNeeded: seconds).bigEndianOctets
        let message = Array("presence".utf8) + [0] + card + time + Array(caller.reference.utf8)
        return time + (try mac("session.cookie", message)).prefix(tagLength)
    }
}
