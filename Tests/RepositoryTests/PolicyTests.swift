import Encodings
import Foundation
import Policies
import Testing

@Suite("规则 policies and permissions")
struct PolicyTests {
    /// 待建 Permissions that roles.json gives for acts that are not built yet: the list only ever gets shorter.
    private static let promised: Set<String> = [
        "card.activate", "evidence.read", "key.list", "policy.load", "staff.block",
        "stock.receive", "system.status",
    ]

    @Test
    func `every policy and every key definition can be read`() throws {
        let files = try Repository.files("Policies", ".json") + Repository.files("Keys", ".json")
        #expect(files.count >= 5)
        for file in files {
            #expect(throws: Never.self, "\(file.path)") {
                try PolicyFile(name: file.path, octets: Array(file.text.utf8))
            }
        }
        #expect(try roles().roles.count == 8)
        let city = try Repository.file("Policies/city.json")
        #expect(throws: Never.self) {
            try CityPolicy(PolicyFile(name: city.path, octets: Array(city.text.utf8)))
        }
    }

    @Test
    func `every permission that the service asks about is some role's, and the other way round`() throws {
        let given = Set(try roles().roles.flatMap(\.permissions))
        let asked = try asked()
        #expect(asked.count >= 12)
        #expect(asked.isSubset(of: given), "no role may \(asked.subtracting(given).sorted())")
        let idle = given.subtracting(asked).subtracting(Self.promised).sorted()
        #expect(idle.isEmpty, "nothing asks about \(idle)")
        #expect(Self.promised.isSubset(of: given), "\(Self.promised.subtracting(given))")
    }

    @Test
    func `nobody both makes keys and issues cards, and nobody audits himself`() throws {
        let roles = try roles().roles
        let apart: [(Set<String>, Set<String>)] = [
            (["key.ceremony", "key.list"], ["card.order", "card.personalise"]),
            (["staff.add"], ["staff.block", "evidence.read"]),
            (["evidence.read"], ["staff.block", "key.ceremony", "card.order", "resident.register"]),
        ]
        for role in roles {
            for (one, other) in apart {
                let both = !role.permissions.isDisjoint(with: one) && !role.permissions.isDisjoint(with: other)
                #expect(!both, "\(role.name) holds \(one) and \(other)")
            }
        }
    }

    /// Names of acts, and the permissions of plain reads. What a desk relays is asked of no role.
    private func asked() throws -> Set<String> {
        var asked: Set<String> = []
        for file in try Repository.files("Sources/Office") {
            if file.text.contains(/: Act \{/) {
                for match in file.text.matches(of: /static let name = "([a-z.]+)"/) {
                    asked.insert(String(match.output.1))
                }
            }
            for match in file.text.matches(of: /(?:permission = |may\([a-z.]+, )"([a-z.]+)"/) {
                asked.insert(String(match.output.1))
            }
        }
        return asked.filter { !$0.hasPrefix("relay.") }
    }

    private func roles() throws -> RolePolicy {
        let file = try Repository.file("Policies/roles.json")
        return try RolePolicy(PolicyFile(name: file.path, octets: Array(file.text.utf8)))
    }
}
