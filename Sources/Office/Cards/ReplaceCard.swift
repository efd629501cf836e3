import Cards
package import Database

/// 补卡 Orders a card in place of a lost one. The lost one is replaced when the new one is activated.
package struct ReplaceCard: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.replace"

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
        try await Succession.order(after: card, by: .replace, reason, room, in: transaction)
    }
}
