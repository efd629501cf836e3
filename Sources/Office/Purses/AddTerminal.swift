import Cryptography
package import Database
package import Encodings
import Octets
import Purses

/// 登记终端 A merchant's terminal gets its number. The key of its PSAM is written by the key officer's own command and
/// stands in no row.
package struct AddTerminal: Act {
    /// In policies and, unless it says otherwise, in evidence.
    package static let name = "terminal.add"

    private let merchant: String

    /// `merchant` has letters, digits and hyphens, 32 at most; it is registered with its first terminal.
    package init(merchant: String) { self.merchant = merchant }

    /// The terminal's number, twelve hexadecimal digits.
    package struct Answer: WireValue {
        /// As settlement files name it.
        package let terminal: String

        init(terminal: String) { self.terminal = terminal }

        /// As it was stored.
        package init?(json: JSON) {
            guard let terminal = json["terminal"]?.string else { return nil }
            self.init(terminal: terminal)
        }

        package var json: JSON { ["terminal": .string(terminal)] }
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        guard SettlementFile.isName(merchant) else { throw Refusal.invalid(field: "merchant", .characters) }
        try await transaction.execute(
            """
            INSERT INTO merchant (merchant_id, created_at) VALUES (\(merchant), \(room.now)) ON CONFLICT DO NOTHING
            """
        )
        let number = room.random.octets(6)
        try await transaction.execute(
            """
            INSERT INTO terminal (terminal_id, merchant_id, created_at) VALUES (\(number), \(merchant), \(room.now))
            """
        )
        let terminal = Hex.encode(number)
        return Done(Answer(terminal: terminal), Entry(object: "t:\(terminal)", detail: ["merchant": .string(merchant)]))
    }
}
