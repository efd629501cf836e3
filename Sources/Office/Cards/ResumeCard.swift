import Cards
package import Database

/// 解冻 The order against the card is lifted.
package struct ResumeCard: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.resume"

    private let card: [UInt8]
    private let reason: CaseReason

    /// Of the card with this reference.
    package init(card: [UInt8], reason: CaseReason) {
        self.card = card
        self.reason = reason
    }

    package func carryOut(
        in transaction: borrowing Transaction,
        _ room: ActRoom
    ) async throws -> Done<CardStanding> {
        try await CardMove.carryOut(.resumeService, of: card, reason, room, in: transaction)
    }
}
