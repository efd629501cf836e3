package import Database

/// 拒绝 Why an act was not done. Words for people are made at the edge, from the case.
package enum Refusal: Error, Hashable, Sendable {
    /// The role may not do this.
    case forbidden(act: String, role: String)
    /// No such object, or none that this caller may know of.
    case absent(Subject)
    /// A value does not fit: which field, and why.
    case invalid(field: String, Reason)
    /// The object stands where this act is not possible.
    case conflict(Conflict)
    /// The same idempotency key came with another request.
    case keyReused
    case credentials
    /// Sign-in is stopped for a while.
    case blocked(untilSeconds: Int64)
    /// A part that the act needs cannot be reached; trying again later is right.
    case unavailable(Part)
    /// It is not known whether the act was done: ask again with the same key.
    case unknownOutcome

    /// What was not found.
    package enum Subject: String, Hashable, Sendable {
        case resident, card, job, desk, staff, key, lot, artwork, entry, purse, merchant
    }

    /// Why a value does not fit.
    package enum Reason: String, Hashable, Sendable {
        case missing, length, characters, checkDigit, date, unknown, tooMany, privateUse, disagrees, format
    }

    /// What stands in the way.
    package enum Conflict: Hashable, Sendable {
        case cardUnderWay
        case cardLive
        case cardState(String)
        case jobState(String)
        case documentTaken
        case userNameTaken
        /// Another desk is known by this certificate.
        case certificateTaken
        case readerBusy
        case blankUnknown
        case blankUsed
        case keysExist
        case importRunning
        /// The chip in the reader has not answered as this card's.
        case presenceUnproven
        /// A card that takes this one's place is under way.
        case replacementBegun
        /// Another load of this card is not finished.
        case loadOpen
        case loadInReview
        /// The balance would pass the city's limit.
        case purseLimit
        /// One person may not do this alone.
        case secondPersonNeeded
    }

    /// A part of the installation.
    package enum Part: String, Hashable, Sendable {
        case database, keys, drawing, evidence
        /// The disk under the database is full.
        case disk
    }

    /// Turns the database's answer into a refusal by the name of the constraint.
    package init(_ fault: DatabaseFault) {
        switch fault {
        case .commitUnknown: self = .unknownOutcome
        case .server("53100", _, _, _): self = .unavailable(.disk)
        case .server(_, _, let constraint?, _): self = Self.conflict(by: constraint)
        case .server, .connection, .timeout, .cancelled, .tooBusy, .closed, .noRow, .manyRows, .decode, .encode,
            .transactionEnded, .unexpected:
            self = .unavailable(.database)
        }
    }

    private static func conflict(by constraint: String) -> Refusal {
        switch constraint {
        case "card_one_live": .conflict(.cardLive)
        case "card_one_under_way": .conflict(.cardUnderWay)
        case "card_event_move": .conflict(.cardState("move"))
        case "id_index_once": .conflict(.documentTaken)
        case "staff_user_name": .conflict(.userNameTaken)
        case "desk_fingerprint": .conflict(.certificateTaken)
        case "key_version_pkey", "key_version_one_active", "authority_pkey": .conflict(.keysExist)
        case "card_csn_once": .conflict(.blankUsed)
        default: .unavailable(.database)
        }
    }
}
