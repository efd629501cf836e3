package import Database
import Encodings

/// 本厅窗口 The desks of the caller's hall and the readers that their agents have named. No personal data.
package enum HallDesks {
    /// One desk.
    package struct Desk: Hashable, Sendable {
        /// As it was registered.
        package let name: String
        /// As PC/SC names them.
        package let readers: [String]
        /// When its agent last said hello; nil for one that never did.
        package let seenAt: Timestamp?
    }

    /// The permission that policy is asked about.
    package static let permission = "desk.list"

    /// The desks in use, by name.
    package static func of(_ caller: StaffCaller, _ office: Office) async throws(Refusal) -> [Desk] {
        try await office.demand(permission, of: .staff(caller))
        do throws(DatabaseFault) {
            let rows = try await office.database.all(
                """
                SELECT desk_id, readers::text AS readers, seen_at FROM desk
                WHERE hall = \(caller.hall) AND state = 1 ORDER BY desk_id LIMIT 200
                """
            )
            var desks: [Desk] = []
            for row in rows {
                desks.append(
                    Desk(
                        name: try row.value("desk_id"),
                        readers: names(try row.value("readers")),
                        seenAt: try row.value("seen_at")
                    )
                )
            }
            return desks
        } catch { throw Refusal(error) }
    }

    /// What is not a list of names is no reader.
    private static func names(_ text: String) -> [String] {
        let list = try? JSONReader.read(Array(text.utf8), sizeLimit: 65_536)
        return (list?.array ?? []).compactMap(\.string)
    }
}
