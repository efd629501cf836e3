/// 卡状态 Where a card stands in its life; the numbers are those of the database.
package enum CardState: Int16, Hashable, Sendable, CaseIterable {
    case none = 0
    case ordered, personalising, quarantine, personalised, active, lost, reported, suspended
    case damaged, expired, replaced, pendingRefund, cancelled, destroyed

    /// Counted as the holder's one live card of a kind.
    package var isLive: Bool { [.active, .lost, .suspended].contains(self) }

    /// In Chinese and English.
    package var words: (chinese: String, english: String) {
        switch self {
        case .none: ("无", "none")
        case .ordered: ("已申请", "ordered")
        case .personalising: ("制卡中", "being made")
        case .quarantine: ("隔离待查", "set aside")
        case .personalised: ("待领取", "ready to collect")
        case .active: ("正常", "active")
        case .lost: ("口头挂失", "loss reported by voice")
        case .reported: ("正式挂失", "loss reported")
        case .suspended: ("冻结", "suspended")
        case .damaged: ("损坏", "damaged")
        case .expired: ("过期", "expired")
        case .replaced: ("已补换", "replaced")
        case .pendingRefund: ("待退资", "waiting for refund")
        case .cancelled: ("已注销", "cancelled")
        case .destroyed: ("已销毁", "destroyed")
        }
    }
}

/// 卡事件 What happens to a card.
package enum CardEvent: String, Hashable, Sendable, CaseIterable {
    case order, start, cancelOrder, finished, failed, resume, destroy, activate, recall
    case oralLoss, lossLapsed, formalLoss, found, replace, renew, damage, expire, suspend, resumeService
    case cancel, cancelWithBalance, refunded
}

/// 生命周期 The life of a card as a table (CC-1, 5.1).
package enum CardLife {
    /// The next state, or nothing when the event does not fit the state.
    package static func next(_ state: CardState, _ event: CardEvent) -> CardState? {
        switch event {
        case .order: state == .none ? .ordered : nil
        case .start: state == .ordered ? .personalising : nil
        case .cancelOrder: state == .ordered ? .cancelled : nil
        case .finished: state == .personalising ? .personalised : nil
        case .failed: state == .personalising ? .quarantine : nil
        case .resume: state == .quarantine ? .personalising : nil
        case .destroy: [.quarantine, .replaced, .cancelled, .damaged].contains(state) ? .destroyed : nil
        case .activate: state == .personalised ? .active : nil
        case .recall: state == .personalised ? .cancelled : nil
        case .oralLoss: state == .active ? .lost : nil
        case .lossLapsed: state == .lost ? .active : nil
        case .formalLoss: [.active, .lost, .suspended].contains(state) ? .reported : nil
        case .found: [.lost, .reported].contains(state) ? .active : nil
        case .replace: state == .reported ? .replaced : nil
        case .renew: [.active, .damaged, .expired].contains(state) ? .replaced : nil
        case .damage: state == .active ? .damaged : nil
        case .expire: state == .active ? .expired : nil
        case .suspend: state == .active ? .suspended : nil
        case .resumeService: state == .suspended ? .active : nil
        case .cancel: anyLive.contains(state) ? .cancelled : nil
        case .cancelWithBalance: anyLive.contains(state) ? .pendingRefund : nil
        case .refunded: state == .pendingRefund ? .cancelled : nil
        }
    }

    private static let anyLive: Set<CardState> = [.active, .lost, .reported, .suspended, .damaged, .expired]
}

/// 卡种 C5: what kind of card (CC-1, 2.10).
package enum CardKind: Int16, Hashable, Sendable, CaseIterable {
    case ordinary = 1
    case senior = 2
    case student = 3
    case minor = 4
    case disabled = 5
    case publicStaff = 6

    /// In Chinese and English, as printed on the card.
    package var words: (chinese: String, english: String) {
        switch self {
        case .ordinary: ("市民卡", "Citizen card")
        case .senior: ("敬老卡", "Senior card")
        case .student: ("学生卡", "Student card")
        case .minor: ("少儿卡", "Minor's card")
        case .disabled: ("爱心卡", "Care card")
        case .publicStaff: ("公务卡", "Public service card")
        }
    }
}

/// 制卡任务状态 Where a job stands (CC-1, 4.4). UNKNOWN is a state of the job, never of the card.
package enum JobState: String, Hashable, Sendable, CaseIterable {
    case queued = "QUEUED"
    case assigned = "ASSIGNED"
    case running = "RUNNING"
    case unknown = "UNKNOWN"
    case printing = "PRINTING"
    case ready = "READY"
    case done = "DONE"
    case quarantine = "QUARANTINE"
    case cancelled = "CANCELLED"

    /// Whether a desk still has something to do for it.
    package var isOpen: Bool { [.queued, .assigned, .running, .unknown].contains(self) }
}
