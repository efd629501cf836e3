import Encodings
import Policies

/// 双人 The second person of an act that one may not do alone: another member of staff, signed in too, whose role may
/// witness. Who that was stands in the log.
package struct SecondPerson: Hashable, Sendable {
    /// The witness.
    package let staff: StaffCaller

    /// From a session that the service has checked.
    package init(_ staff: StaffCaller) { self.staff = staff }

    /// Refuses the caller as his own witness, and a role that may not witness.
    func check(_ room: ActRoom) throws {
        guard case .staff(let first) = room.caller, first.id != staff.id else {
            throw Refusal.conflict(.secondPersonNeeded)
        }
        guard room.roles.may(staff.role, "card.witness") else {
            throw Refusal.forbidden(act: "card.witness", role: staff.role)
        }
    }

    /// How the log names the witness.
    var member: JSON.Member { .init("witness", .string("s:\(staff.id)")) }
}
