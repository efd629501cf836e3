import Encodings

/// 角色权限 Which role may do which acts: `Policies/roles.json`.
package struct RolePolicy: Hashable, Sendable {
    /// One role.
    package struct Role: Hashable, Sendable {
        package let name: String
        package let chinese: String
        package let english: String
        /// Names of acts, such as `card.order`.
        package let permissions: Set<String>
    }

    package let version: Int
    package let roles: [Role]

    /// Reads the file's JSON strictly.
    package init(_ file: PolicyFile) throws(PolicyFault) {
        try file.demandMembers(file.json, ["version", "effectiveFrom", "basis", "roles"], at: "")
        version = try file.version()
        var roles: [Role] = []
        for (index, item) in (file.json["roles"]?.array ?? []).enumerated() {
            let place = "/roles/\(index)"
            try file.demandMembers(item, ["name", "zh", "en", "may"], at: place)
            guard let name = item["name"]?.string, let chinese = item["zh"]?.string, let english = item["en"]?.string
            else {
                throw file.fault(place, "name, zh and en are due")
            }
            let permissions = (item["may"]?.array ?? []).compactMap(\.string)
            guard permissions.count == item["may"]?.array?.count, Set(permissions).count == permissions.count else {
                throw file.fault("\(place)/may", "a list of different acts is due")
            }
            guard !roles.contains(where: { $0.name == name }) else { throw file.fault(place, "the role stands twice") }
            roles.append(Role(name: name, chinese: chinese, english: english, permissions: Set(permissions)))
        }
        guard !roles.isEmpty else { throw file.fault("/roles", "a list of roles is due") }
        self.roles = roles
    }

    /// Whether a role may do an act; what is not named is forbidden.
    package func may(_ role: String, _ act: String) -> Bool {
        roles.first { $0.name == role }?.permissions.contains(act) ?? false
    }
}
