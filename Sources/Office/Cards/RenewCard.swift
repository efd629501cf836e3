import Cards
package import Database

/// 换卡 Orders a card in place of one that is in service, damaged or expired; until the new one is activated the old one
/// serves.
package struct RenewCard: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.renew"

    private let card: [UInt8]
    private let reason: CaseReason

    /// Of the old card's reference.
    package init(card: [UInt8], reason: CaseReason) {
        self.card = card
        self.reason = reason
    }

    package func carryOut(
        in transaction: borrowing Transaction,
        _ room: ActRoom
    ) async throws -> Done<OrderCard.Answer> {
        try await Succession.order(after: card, by: .renew, reason, room, in: transaction)
    }
}
