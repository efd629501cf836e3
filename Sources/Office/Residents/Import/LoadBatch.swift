import Cryptography
import Database
import Encodings
import KeyHierarchy
import Octets

/// 导入一批 Loads one batch: residents, their keys and indexes, the job's progress and one entry, whole or not at all.
///
/// Lock order: resident tables, import_job, evidence_pending.
struct LoadBatch: Act {
    static let name = "resident.import"
    static let evidenceName = "import.batch"

    let job: Int64
    /// The line where the job must stand: another process on the same file is refused.
    let fromLine: Int64
    let nextLine: Int64
    let endOffset: Int64
    let lines: [PreparedBatch.Line]
    let refused: Int
    let isLast: Bool
    /// Called when the transaction has begun.
    let entered: @Sendable () -> Void
    /// Returns when the batch before is committed and the refused lines of this one are in the report: rows may be
    /// copied beside each other, progress goes in the order of the file.
    let turn: @Sendable () async throws -> Void

    func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        entered()
        // What a crash of the server would lose of the last batches it loses with the job's progress, and the file brings
        // it again: only the batch that ends the import waits for the disk, and with it all before.
        if !isLast { try await transaction.execute("SET LOCAL synchronous_commit = off") }
        if !lines.isEmpty { try await copy(in: transaction, room) }
        try await turn()
        let moved = try await transaction.execute(
            """
            UPDATE import_job SET octets_done = \(endOffset), lines_done = \(nextLine),
                accepted = accepted + \(Int64(lines.count)), refused = refused + \(Int64(refused)),
                state = \(isLast ? "DONE" : "RUNNING"), updated_at = \(room.now)
            WHERE import_id = \(job) AND lines_done = \(fromLine) AND state = \("RUNNING")
            """
        )
        guard moved == 1 else { throw Refusal.conflict(.importRunning) }
        let digest = try RunningDigest(.sm3)
        for line in lines { try digest.update(line.canonical) }
        // Keyed, because a digest of names and numbers alone could be searched.
        let message = Array("citizen/import-batch/v1".utf8) + [0] + job.bigEndianOctets + (try digest.finish())
        let entry = Entry(
            object: ImportResidents.reference(job),
            to: isLast ? "done" : "running",
            key: try room.keys.current("evidence.commit").name.description,
            detail: [
                "firstLine": .integer(fromLine), "nextLine": .integer(nextLine),
                "accepted": .integer(Int64(lines.count)), "refused": .integer(Int64(refused)),
                "rows": .string(Hex.encode(try room.keys.mac("evidence.commit", message))),
            ]
        )
        return Done(NoAnswer(), entry)
    }

    private func copy(in transaction: borrowing Transaction, _ room: ActRoom) async throws {
        let now = room.now
        let versions = try IndexKeyVersions(room.keys)
        try await transaction.copyIn(
            "resident",
            columns: [
                "resident_id", "district", "name_enc", "document_enc", "detail_enc", "phone_enc", "address_enc",
                "created_at", "updated_at",
            ],
            next: Self.each(lines) { (line, out) throws(DatabaseFault) in
                try out.append(line.row.resident)
                try out.append(line.row.district)
                try out.append(line.row.file.name)
                try out.append(line.row.file.document)
                try out.append(line.row.file.detail)
                try out.append(line.row.file.phone)
                try out.append(line.row.file.address)
                try out.append(now)
                try out.append(now)
            }
        )
        try await transaction.copyIn(
            "resident_dek",
            columns: ["resident_id", "wrapped", "kek_ver"],
            next: Self.each(lines) { (line, out) throws(DatabaseFault) in
                try out.append(line.row.resident)
                try out.append(line.row.wrapped)
                try out.append(line.row.kekVersion)
            }
        )
        try await transaction.copyIn(
            "id_index",
            columns: ["kind", "bi", "resident_id", "bi_key_ver"],
            next: Self.each(lines) { (line, out) throws(DatabaseFault) in
                try out.append(line.row.index.documentKind)
                try out.append(line.row.index.document)
                try out.append(line.row.resident)
                try out.append(versions.document)
            }
        )
        // Each line has several rows here.
        let names = lines.flatMap { line in
            line.row.index.others.map { (resident: line.row.resident, kind: $0.kind, index: $0.index) }
        }
        try await transaction.copyIn(
            "name_index",
            columns: ["kind", "bi", "resident_id", "bi_key_ver"],
            next: Self.each(names) { (name, out) throws(DatabaseFault) in
                try out.append(name.kind)
                try out.append(name.index)
                try out.append(name.resident)
                try out.append(versions.version(ofKind: name.kind))
            }
        )
    }

    /// The rows of a COPY, one element a call.
    private static func each<Element: Sendable>(
        _ elements: [Element],
        _ write: @escaping @Sendable (Element, inout CopyRow) throws(DatabaseFault) -> Void
    ) -> sending (inout CopyRow) throws -> Bool {
        var place = 0
        return { out in
            guard place < elements.count else { return false }
            try write(elements[place], &out)
            place += 1
            return true
        }
    }
}
