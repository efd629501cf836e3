import Cards
package import Database

/// 口头挂失 The holder says by telephone or at a counter that the card is gone: it stops at once, for the days of the
/// policy (CC-1, 5.1).
package struct ReportOralLoss: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.loss.oral"

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
        try await CardMove.carryOut(.oralLoss, of: card, reason, room, in: transaction)
    }
}

/// 正式挂失 The holder has shown an identity document: the card is out of service and its certificates are revoked.
package struct ReportFormalLoss: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "card.loss.formal"

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
        try await CardMove.carryOut(.formalLoss, of: card, reason, room, in: transaction)
    }
}
