package import Database
import Encodings

/// 登记窗口 A desk with the certificate of its agent; the certificate's fingerprint is how it is known.
package struct AddDesk: Act {
    package static let name = "desk.add"

    package let desk: String
    package let hall: String
    package let fingerprint: [UInt8]

    package init(desk: String, hall: String, fingerprint: [UInt8]) {
        self.desk = desk
        self.hall = hall
        self.fingerprint = fingerprint
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        guard (1...32).contains(desk.utf8.count),
            desk.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { throw Refusal.invalid(field: "desk", .characters) }
        guard (1...64).contains(hall.utf8.count) else { throw Refusal.invalid(field: "hall", .length) }
        try await transaction.execute(
            """
            INSERT INTO desk (desk_id, hall, fingerprint) VALUES (\(desk), \(hall), \(fingerprint))
            ON CONFLICT (desk_id) DO UPDATE SET hall = excluded.hall, fingerprint = excluded.fingerprint, state = 1
            """
        )
        return Done(NoAnswer(), Entry(object: "d:\(desk)", detail: ["hall": .string(hall)]))
    }
}
