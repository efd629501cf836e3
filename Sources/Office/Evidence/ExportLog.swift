import Cryptography
package import Database
package import Encodings
import Evidence

/// 导出日志 Says up to which checkpoint an auditor may take the whole log away; the export is an entry itself.
package struct ExportLog: Act {
    package static let name = "evidence.read"
    package static let evidenceName = "audit.export"
    package static let keepsAnswer = false

    /// The size of the last signed checkpoint, and its note.
    package struct Answer: WireValue {
        package let size: UInt64
        package let note: String

        init(size: UInt64, note: String) {
            self.size = size
            self.note = note
        }

        /// Never stored, so never read again.
        package init?(json: JSON) { nil }

        package var json: JSON { ["size": .integer(Int64(size)), "note": .string(note)] }
    }

    package init() {}

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<Answer> {
        guard let note = try await LogRows.note(in: transaction) else { throw Refusal.absent(.entry) }
        return Done(Answer(size: note.size, note: note.text), Entry(object: "log:\(note.size)"))
    }
}
