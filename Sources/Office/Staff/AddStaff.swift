package import Database
package import Encodings
import Cryptography
import KeyHierarchy
import Octets
import Passwords
import Policies

/// 增加员工 A system administrator adds a member of staff; password and TOTP secret come back once.
package struct AddStaff: Act {
    package static let name = "staff.add"

    package let userName: String
    package let role: String
    package let hall: String
    /// PHC string, made on a worker thread before the act.
    package let verifier: String
    package let timeSecret: [UInt8]

    package init(userName: String, role: String, hall: String, verifier: String, timeSecret: [UInt8]) {
        self.userName = userName
        self.role = role
        self.hall = hall
        self.verifier = verifier
        self.timeSecret = timeSecret
    }

    /// The row number of the member of staff.
    package struct Answer: WireValue {
        package let staff: Int64

        package init(staff: Int64) { self.staff = staff }

        package init?(json: JSON) {
            guard let text = json["staff"]?.string, let staff = Int64(text) else { return nil }
            self.init(staff: staff)
        }

        package var json: JSON { ["staff": .string(String(staff))] }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        guard (1...64).contains(userName.utf8.count), userName.utf8.allSatisfy(Self.isNameOctet) else {
            throw Refusal.invalid(field: "user", .characters)
        }
        guard room.roles.roles.contains(where: { $0.name == role }) else {
            throw Refusal.invalid(field: "role", .unknown)
        }
        guard (1...64).contains(hall.utf8.count) else { throw Refusal.invalid(field: "hall", .length) }
        let staff = room.rowNumber()
        let place = Array("citizen/totp/v1".utf8) + [0] + staff.bigEndianOctets
        let sealed = try room.keys.seal("kek.pii", associated: place, SecretOctets(copying: timeSecret))
        try await transaction.execute(
            """
            INSERT INTO staff (staff_id, user_name, role, hall, password, totp_enc, created_at)
            VALUES (\(staff), \(userName), \(role), \(hall), \(verifier), \(sealed), \(room.now))
            """
        )
        return Done(
            Answer(staff: staff),
            Entry(object: "s:\(staff)", detail: ["role": .string(role), "hall": .string(hall)])
        )
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        (0x61...0x7A).contains(octet) || (0x30...0x39).contains(octet) || octet == 0x2D || octet == 0x2E
    }
}
