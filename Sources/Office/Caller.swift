/// 调用者 Who asks: built at the edge from a session, a client certificate or the operating system's account.
package enum Caller: Hashable, Sendable {
    case staff(StaffCaller)
    /// A desk agent, known by its certificate.
    case desk(id: String, hall: String)
    /// A command run on the server by an account of the operating system, in a role.
    case account(name: String, role: String)

    /// The role that policies are asked about.
    package var role: String {
        switch self {
        case .staff(let staff): staff.role
        case .desk: "desk"
        case .account(_, let role): role
        }
    }

    /// How evidence names the caller: a pseudonym, never a person's name.
    package var reference: String {
        switch self {
        case .staff(let staff): "s:\(staff.id)"
        case .desk(let id, _): "d:\(id)"
        case .account(let name, _): "o:\(name)"
        }
    }
}

/// A signed-in member of staff.
package struct StaffCaller: Hashable, Sendable {
    package let id: Int64
    package let userName: String
    package let role: String
    package let hall: String

    package init(id: Int64, userName: String, role: String, hall: String) {
        self.id = id
        self.userName = userName
        self.role = role
        self.hall = hall
    }
}
