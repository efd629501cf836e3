import Database
package import Encodings
import Octets
import Purses

/// 钱包单 The account of one card as counters see it, checked by the ledger's rules as it is read. No personal data, so
/// reading it leaves no entry.
package struct PurseSheet: Sendable {
    /// The permission that policy is asked about.
    package static let permission = "purse.show"

    /// The account of a card by its reference; a card whose purse was never loaded has none.
    package static func of(_ card: [UInt8], for caller: Caller, _ office: Office) async throws(Refusal) -> JSON {
        try await office.demand(permission, of: caller)
        do throws(DatabaseFault) {
            let row = try await office.database.maybe(
                """
                SELECT c.card_id, p.balance_fen, p.proven_fen, p.proven_at,
                    (SELECT state FROM purse_load l WHERE l.card_id = c.card_id
                        AND l.state IN ('RESERVED', 'SENT', 'REVIEW')) AS load,
                    (SELECT count(*) FROM purchase_line g WHERE g.card_id = c.card_id AND g.verdict = 'grey'
                        AND NOT EXISTS (SELECT FROM purchase_line w WHERE w.terminal_id = g.terminal_id
                            AND w.terminal_seq = g.terminal_seq AND w.verdict = 'accepted')) AS grey
                FROM card c JOIN purse p USING (card_id) WHERE c.reference = \(card)
                """
            )
            guard let row else { throw DatabaseFault.noRow }
            let id: Int64 = try row.value("card_id")
            let entries = try await office.database.all(
                "SELECT seq, delta_fen, balance_after FROM purse_entry WHERE card_id = \(id) ORDER BY seq"
            )
            var lines: [PurseLedger.Line] = []
            for entry in entries {
                lines.append(
                    PurseLedger.Line(
                        sequence: try entry.value("seq"),
                        deltaFen: try entry.value("delta_fen"),
                        balanceFen: try entry.value("balance_after")
                    )
                )
            }
            return try sheet(card, row, lines)
        } catch {
            throw error == .noRow ? .absent(.purse) : Refusal(error)
        }
    }

    private static func sheet(_ card: [UInt8], _ row: Row, _ lines: [PurseLedger.Line]) throws(DatabaseFault) -> JSON {
        let balance: Int64 = try row.value("balance_fen")
        let proven: Int64? = try row.value("proven_fen")
        let at: Timestamp? = try row.value("proven_at")
        let load: String? = try row.value("load")
        let grey: Int64 = try row.value("grey")
        var members: [JSON.Member] = [
            .init("card", .string(Hex.encode(card))), .init("balanceFen", .integer(balance)),
            .init("entries", .integer(Int64(lines.count))), .init("greyLines", .integer(grey)),
        ]
        do throws(PurseLedger.Fault) {
            try PurseLedger.check(lines, balanceFen: balance)
            members.append(.init("holds", .bool(true)))
        } catch {
            members.append(.init("holds", .bool(false)))
            members.append(.init("fault", .string("\(error)")))
        }
        if let proven, let at {
            members.append(.init("cardProvenFen", .integer(proven)))
            members.append(.init("cardProvenAt", .integer(at.seconds)))
        }
        if let load { members.append(.init("openLoad", .string(load))) }
        return .object(members)
    }
}
