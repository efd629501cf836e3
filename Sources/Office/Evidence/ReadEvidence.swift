package import Database
package import Encodings
import Octets

/// 审计查询 What the auditor asks of the log: entries by object, actor, kind and time. The question is an entry itself.
package struct ReadEvidence: Act {
    /// The permission.
    package static let name = "evidence.read"
    /// The kind of entry.
    package static let evidenceName = "audit.read"
    /// A search is made anew each time.
    package static let keepsAnswer = false

    /// What an entry must have; what is nil asks for nothing.
    package struct Filter: Hashable, Sendable {
        /// A pseudonymous reference, such as `c:4b1d…`.
        package var object: String?
        /// Who did it, by reference.
        package var actor: String?
        /// An act, such as `card.order`.
        package var act: String?
        /// Milliseconds since 1970, from this one on.
        package var since: Int64?
        /// Milliseconds since 1970, before this one.
        package var until: Int64?
        /// The first index that may be answered: where the page before ended.
        package var from: Int64 = 0
        /// 1 to 10,000 entries.
        package var limit: Int64 = 100

        /// No condition.
        package init() {}
    }

    /// Entries in their order.
    package struct Answer: WireValue {
        /// One entry with its place in the log.
        package struct Line: Hashable, Sendable {
            /// Its place in the log.
            package let index: Int64
            /// Its canonical JSON.
            package let body: String
        }

        /// What was found.
        package let lines: [Line]

        init(lines: [Line]) { self.lines = lines }

        /// Never stored, so never read again.
        package init?(json: JSON) { nil }

        /// For a program.
        package var json: JSON {
            let entries = lines.map { line -> JSON in
                let entry = (try? JSONReader.read(Array(line.body.utf8))) ?? .string(line.body)
                return ["index": .integer(line.index), "entry": entry]
            }
            return ["entries": .array(entries)]
        }
    }

    private let filter: Filter

    /// A search.
    package init(_ filter: Filter) { self.filter = filter }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        guard (1...10_000).contains(filter.limit) else { throw Refusal.invalid(field: "limit", .tooMany) }
        var demands: [Query] = ["idx >= \(filter.from)"]
        if let object = filter.object { demands.append("(body::jsonb) ->> 'object' = \(object)") }
        if let actor = filter.actor { demands.append("(body::jsonb) ->> 'actor' = \(actor)") }
        if let act = filter.act { demands.append("(body::jsonb) ->> 'act' = \(act)") }
        if let since = filter.since { demands.append("((body::jsonb) ->> 'at')::int8 >= \(since)") }
        if let until = filter.until { demands.append("((body::jsonb) ->> 'at')::int8 < \(until)") }
        let rows = try await transaction.all(
            """
            SELECT idx, body FROM evidence_entry WHERE \(fragment: .joined(demands, by: " AND "))
            ORDER BY idx LIMIT \(filter.limit)
            """
        )
        let lines = try rows.map { Answer.Line(index: try $0.value("idx"), body: try $0.value("body")) }
        let asked: JSON = [
            "object": .string(filter.object ?? ""), "actor": .string(filter.actor ?? ""),
            "act": .string(filter.act ?? ""), "found": .integer(Int64(lines.count)),
        ]
        return Done(Answer(lines: lines), Entry(object: "log", detail: asked))
    }
}
