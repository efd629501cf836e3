import Cryptography
import Database
import Encodings
import Octets
import Policies

extension Office {
    /// 启动 Leaves an entry that this service has started, under which rules.
    package func started() async throws {
        let room = room(for: .account(name: "service", role: "operator"))
        try await database.transaction { transaction in
            try await self.note(
                .done,
                "start",
                Entry(object: "service:roles-\(self.roles.version)"),
                room,
                in: transaction
            )
        }
    }
}
