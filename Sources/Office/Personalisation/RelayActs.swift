import CardEngine
import Cards
import Cryptography
import Database
import Encodings
import KeyHierarchy
import Octets

/// 制卡开始 The chip that will become this card lies in the reader: number and chip are bound, before a byte is written.
struct BeginPersonalisation: Act {
    static let name = "relay.begin"
    static let evidenceName = "card.personalise.begin"
    typealias Answer = NoAnswer

    let job: Int64
    let fence: Int64
    let csn: [UInt8]
    let secret: [UInt8]

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        let cardID: Int64 = try await transaction.one("SELECT card_id FROM perso_job WHERE job_id = \(job)").value(
            "card_id"
        )
        let card = try await CardMove.card(id: cardID, in: transaction)
        if card.state == .ordered {
            try await CardMove.move(card, .start, room, in: transaction)
            try await transaction.execute("UPDATE card SET csn = \(csn) WHERE card_id = \(card.id)")
        } else if card.csn != csn {
            throw Refusal.conflict(.blankUsed)
        }
        let touched = try await transaction.execute(
            """
            UPDATE perso_job SET csn = \(csn), secret_enc = \(secret), updated_at = \(room.now)
            WHERE job_id = \(job) AND fence = \(fence) AND state = 'RUNNING'
            """
        )
        guard touched == 1 else { throw Refusal.conflict(.jobState("taken over")) }
        let entry = Entry(
            object: "c:\(Hex.encode(card.reference.prefix(6)))",
            from: "ordered",
            to: "personalising",
            subject: card.resident,
            detail: ["csn": .string(Hex.encodeUpper(csn))]
        )
        return Done(NoAnswer(), entry)
    }
}

/// 证书签发 Certificates for the keys that a card made: kept before the card gets them.
struct KeepCertificates: Act {
    static let name = "relay.certify"
    static let evidenceName = "certificate.issue"
    typealias Answer = NoAnswer

    struct Issued: Sendable {
        let slot: PIVSlot
        let serial: [UInt8]
        let der: [UInt8]
        let notAfter: Int64
    }

    let job: Int64
    let fence: Int64
    let certificates: [Issued]

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        let cardID: Int64 = try await transaction.one("SELECT card_id FROM perso_job WHERE job_id = \(job)").value(
            "card_id"
        )
        let card = try await CardMove.card(id: cardID, in: transaction)
        let touched = try await transaction.execute(
            """
            UPDATE perso_job SET updated_at = \(room.now)
            WHERE job_id = \(job) AND fence = \(fence) AND state = 'RUNNING'
            """
        )
        guard touched == 1 else { throw Refusal.conflict(.jobState("taken over")) }
        // Keys that a torn card made anew leave their predecessors' certificates without a key: revoked at once.
        try await transaction.execute("UPDATE certificate SET state = 2 WHERE card_id = \(card.id) AND state = 1")
        for issued in certificates {
            try await transaction.execute(
                """
                INSERT INTO certificate (serial, card_id, slot, der, state, not_after, issued_at)
                VALUES (\(issued.serial), \(card.id), \(Int16(issued.slot.rawValue)), \(issued.der), 1,
                    \(Timestamp(seconds: issued.notAfter)), \(room.now))
                """
            )
        }
        let entry = Entry(
            object: "c:\(Hex.encode(card.reference.prefix(6)))",
            key: try room.keys.current("ca.issuing.card").name.description,
            subject: card.resident,
            detail: ["serials": .array(certificates.map { .string(Hex.encode($0.serial)) })]
        )
        return Done(NoAnswer(), entry)
    }
}

/// 制卡完成 Every phase is proven and the card was read back: ready to collect.
struct FinishPersonalisation: Act {
    static let name = "relay.finish"
    static let evidenceName = "card.personalise.commit"
    typealias Answer = NoAnswer

    let job: Int64
    let fence: Int64
    let validFrom: DayNumber
    let validTo: DayNumber
    let keySet: Int16
    let artwork: SealedArtwork?
    /// Why there is no picture, if there is none.
    let fault: String?

    /// Picture of the card, sealed under the resident's key.
    struct SealedArtwork: Sendable {
        let png: [UInt8]
        let pdf: [UInt8]
    }

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        let cardID: Int64 = try await transaction.one("SELECT card_id FROM perso_job WHERE job_id = \(job)").value(
            "card_id"
        )
        let card = try await CardMove.card(id: cardID, in: transaction)
        let touched = try await transaction.execute(
            """
            UPDATE perso_job SET state = 'READY', phase = 'finished', fault = \(fault), updated_at = \(room.now)
            WHERE job_id = \(job) AND fence = \(fence) AND state = 'RUNNING'
            """
        )
        guard touched == 1 else { throw Refusal.conflict(.jobState("taken over")) }
        try await CardMove.move(card, .finished, room, in: transaction)
        try await transaction.execute(
            """
            UPDATE card SET key_set = \(keySet), valid_from = \(validFrom), valid_to = \(validTo) WHERE card_id = \(card.id)
            """
        )
        if let artwork {
            try await transaction.execute(
                """
                INSERT INTO card_artwork (card_id, png_enc, pdf_enc, drawn_at)
                VALUES (\(card.id), \(artwork.png), \(artwork.pdf), \(room.now))
                ON CONFLICT (card_id) DO UPDATE SET png_enc = excluded.png_enc, pdf_enc = excluded.pdf_enc,
                    drawn_at = excluded.drawn_at
                """
            )
        }
        let entry = Entry(
            object: "c:\(Hex.encode(card.reference.prefix(6)))",
            from: "personalising",
            to: "personalised",
            key: try room.keys.current("card.issuer.scp03").name.description,
            subject: card.resident
        )
        return Done(NoAnswer(), entry)
    }
}

/// 隔离 The card is set aside; a person decides.
struct SetAside: Act {
    static let name = "relay.quarantine"
    static let evidenceName = "card.quarantine"
    typealias Answer = NoAnswer

    let job: Int64
    let fence: Int64
    let fault: String

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        let row = try await transaction.one("SELECT card_id, purpose FROM perso_job WHERE job_id = \(job)")
        let card = try await CardMove.card(id: try row.value("card_id"), in: transaction)
        let isIssue = try row.value("purpose") == "issue"
        // Nothing was written yet: the order stands and another blank may be taken.
        let next = card.state == .ordered || !isIssue ? "CANCELLED" : "QUARANTINE"
        if card.state == .personalising, isIssue {
            try await CardMove.move(card, .failed, reason: fault, room, in: transaction)
        }
        let touched = try await transaction.execute(
            """
            UPDATE perso_job SET state = \(next), fault = \(fault), updated_at = \(room.now)
            WHERE job_id = \(job) AND fence = \(fence) AND state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN')
            """
        )
        guard touched == 1 else { throw Refusal.conflict(.jobState("taken over")) }
        let entry = Entry(
            object: "c:\(Hex.encode(card.reference.prefix(6)))",
            subject: card.resident,
            detail: ["fault": .string(fault)]
        )
        return Done(NoAnswer(), entry)
    }
}

/// 激活 The holder has set a PIN and the chip is proven SECURED: the card is active.
struct FinishActivation: Act {
    static let name = "relay.activate"
    static let evidenceName = "card.activate"
    typealias Answer = NoAnswer

    let job: Int64
    let fence: Int64

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        let cardID: Int64 = try await transaction.one("SELECT card_id FROM perso_job WHERE job_id = \(job)").value(
            "card_id"
        )
        let card = try await CardMove.card(id: cardID, in: transaction)
        let touched = try await transaction.execute(
            """
            UPDATE perso_job SET state = 'DONE', updated_at = \(room.now)
            WHERE job_id = \(job) AND fence = \(fence) AND state = 'RUNNING'
            """
        )
        guard touched == 1 else { throw Refusal.conflict(.jobState("taken over")) }
        // 补卡 / 换卡 The old card goes first: at no moment has the holder two that are live.
        let retired = try await Succession.retire(before: card.id, room, in: transaction)
        try await CardMove.move(card, .activate, room, in: transaction)
        // The transport PIN and the plan have served; the issuing job is done with the card.
        try await transaction.execute(
            "UPDATE perso_job SET state = 'DONE', secret_enc = NULL WHERE card_id = \(card.id) AND purpose = 'issue' AND state = 'READY'"
        )
        try await transaction.execute("UPDATE perso_job SET secret_enc = NULL WHERE card_id = \(card.id)")
        try await transaction.execute("UPDATE card SET key_set = coalesce(key_set, 48) WHERE card_id = \(card.id)")
        let entry = Entry(
            object: "c:\(Hex.encode(card.reference.prefix(6)))",
            from: "personalised",
            to: "active",
            key: try room.keys.current("card.issuer.scp03").name.description,
            subject: card.resident,
            detail: retired.map { ["replaces": .string($0)] }
        )
        return Done(NoAnswer(), entry)
    }
}
