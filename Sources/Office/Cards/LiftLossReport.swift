import Cards
package import Database
import Encodings

/// 解挂 The lost card was found: it lies at the desk, its chip has answered, and no replacement has been begun.
package struct LiftLossReport: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.loss.lift"

    private let card: [UInt8]
    private let proof: PresenceProof
    private let reason: CaseReason

    /// `proof` is the chip's answer to `PresenceProof.challenge`.
    package init(card: [UInt8], proof: PresenceProof, reason: CaseReason) {
        self.card = card
        self.proof = proof
        self.reason = reason
    }

    package func carryOut(
        in transaction: borrowing Transaction,
        _ room: ActRoom
    ) async throws -> Done<CardStanding> {
        let row = try await CardMove.card(card, in: transaction)
        guard CardLife.next(row.state, .found) != nil else {
            throw Refusal.conflict(.cardState(row.state.words.english))
        }
        guard try await !Succession.isBegun(of: row.id, in: transaction) else {
            throw Refusal.conflict(.replacementBegun)
        }
        try await proof.check(row, room, in: transaction)
        let next = try await CardMove.move(row, .found, reason: reason.text, room, in: transaction)
        return CardMove.done(row, next, reason, detail: [.init("proof", "9E")])
    }
}
