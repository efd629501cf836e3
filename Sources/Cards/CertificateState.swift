/// 证书状态 How the certificates of a card stand; the numbers are those of the database.
package enum CertificateState: Int16, Hashable, Sendable, CaseIterable {
    case valid = 1
    /// For good.
    case revoked = 2
    /// 暂停 certificateHold (RFC 5280, 5.3.1): until the card is in service again or gone.
    case onHold = 3
}

extension CardState {
    /// What a card in this state makes of its certificates: a reported loss revokes, a loss by voice only holds (CC-1,
    /// 5.1). Nothing while there is no chip yet.
    package var certificates: CertificateState? {
        switch self {
        case .none, .ordered: nil
        case .personalising, .personalised, .active: .valid
        case .quarantine, .lost, .suspended, .damaged: .onHold
        case .reported, .expired, .replaced, .pendingRefund, .cancelled, .destroyed: .revoked
        }
    }
}
