import Cryptography
package import Database
package import Encodings
import Evidence

/// 导出日志 Says up to which checkpoint an auditor may take the whole log away; the export is an entry itself.
package struct ExportLog: Act {
    /// The permission.
    package static let name = "evidence.read"
    /// The kind of entry.
    package static let evidenceName = "audit.export"
    /// An export is made anew each time.
    package static let keepsAnswer = false

    /// The size of the last signed checkpoint, and its note.
    package struct Answer: WireValue {
        /// How many entries were exported.
        package let size: UInt64
        /// The checkpoint under which they stand.
        package let note: String

        init(size: UInt64, note: String) {
            self.size = size
            self.note = note
        }

        /// Never stored, so never read again.
        package init?(json: JSON) { nil }

        /// For a program.
        package var json: JSON { ["size": .integer(Int64(size)), "note": .string(note)] }
    }

    /// The whole log.
    package init() {}

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        guard let note = try await LogRows.note(in: transaction) else { throw Refusal.absent(.entry) }
        return Done(Answer(size: note.size, note: note.text), Entry(object: "log:\(note.size)"))
    }
}
