import Cryptography
import Database
import Encodings
import Evidence
import Foundation
import KeyHierarchy
import Octets
import Office
import Testing

@Suite("存证定序 the sequencer")
struct SequencerTests {
    @Test
    func `every act of a small run gets a receipt that verifies, and is not told before`() async throws {
        let test = try await TestOffice()
        let log = try TestLog(test)
        let person = RegisterResident(ResidentsTests.entered("张三", "320100190001019070"))
        let done = try await test.office.perform(person, by: test.clerk)
        let look = ShowResident(done.answer.resident, reason: try LookReason("核对"))
        let looked = try await test.office.perform(look, by: test.clerk)
        _ = try? await test.office.perform(look, by: test.hotline)
        guard case .pending = try await log.log.receipt(done.tx) else {
            Issue.record("a receipt before its index")
            return
        }
        guard case .absent = try await log.log.receipt([UInt8](repeating: 9, count: 16)) else {
            Issue.record("a receipt of no act")
            return
        }
        try await log.drain()
        #expect(try await log.number("SELECT count(*) FROM evidence_pending") == 0)
        #expect(try await log.number("SELECT count(*) FROM evidence_opening WHERE sealed IS NOT NULL") >= 2)
        let rows = try await test.owner.all("SELECT idx, tx, body FROM evidence_entry ORDER BY idx")
        #expect(rows.count == 3)
        for row in rows {
            let tx: [UInt8] = try row.value("tx")
            guard case .receipt(let receipt) = try await log.log.receipt(tx) else {
                Issue.record("no receipt")
                continue
            }
            let body: String = try row.value("body")
            let read = try Receipt(receipt.encoded)
            #expect(read.verdict(keys: [log.identity.key]) == .accepted(entry: Array(body.utf8)))
        }
        #expect(rows.count { (try? $0.value("tx", as: [UInt8].self)) == looked.tx } == 1)
    }

    @Test
    func `eight writers at once leave dense indices, one root a size and nothing behind`() async throws {
        let test = try await TestOffice(connections: 8)
        let log = try TestLog(test)
        let turning = Task {
            let sequencer = log.sequencer()
            while !Task.isCancelled { _ = try await sequencer.turn() }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<25 {
                        let look = ShowResident(Int64(writer), reason: try LookReason("核对"))
                        await #expect(throws: Refusal.forbidden(act: "resident.show", role: "hotline")) {
                            try await test.office.perform(look, by: test.hotline)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        turning.cancel()
        _ = try? await turning.value
        try await log.drain()
        #expect(try await log.number("SELECT count(*) FROM evidence_entry") == 200)
        #expect(try await log.number("SELECT max(idx) FROM evidence_entry") == 199)
        #expect(try await log.number("SELECT count(*) FROM evidence_pending") == 0)
        // A turn that was cut short leaves its checkpoint unsigned for ever; the last one is signed.
        let note = try #require(try await log.log.checkpoint())
        #expect(log.identity.checkpoint(in: Array(note.utf8))?.size == 200)
        try await log.sequencer().check()
    }

    @Test
    func `two sequencers racing make one log`() async throws {
        let test = try await TestOffice(connections: 6)
        let log = try TestLog(test)
        try await log.addEntries(3_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for racer in 0..<2 {
                group.addTask {
                    let sequencer = log.sequencer()
                    for turn in 0..<6 {
                        if turn < 3 { try await log.addEntries(40, name: "r\(racer)-\(turn)-") }
                        _ = try await sequencer.turn()
                    }
                }
            }
            try await group.waitForAll()
        }
        try await log.drain()
        #expect(try await log.number("SELECT count(*) FROM evidence_entry") == 3_240)
        #expect(try await log.number("SELECT max(idx) FROM evidence_entry") == 3_239)
        #expect(try await log.number("SELECT count(*) FROM evidence_tile") == 12)
        try await log.sequencer().check()
    }

    @Test
    func `a crash between commit and signature leaves an unsigned checkpoint, which the next turn signs`() async throws
    {
        let test = try await TestOffice()
        let log = try TestLog(test)
        try await log.addEntries(5)
        #expect(try await log.sequencer().sequence() == 5)
        #expect(try await log.log.checkpoint() == nil)
        #expect(try log.copy.read() == nil)
        let next = log.sequencer()
        try await next.check()
        #expect(try await next.turn() == 0)
        let note = try #require(try await log.log.checkpoint())
        #expect(log.identity.checkpoint(in: Array(note.utf8))?.size == 5)
        #expect(try log.copy.read() == Array(note.utf8))
        // And one between the note and its copy.
        try FileManager.default.removeItem(atPath: log.copy.path)
        _ = try await log.sequencer().turn()
        #expect(try log.copy.read() == Array(note.utf8))
    }

    @Test
    func `an old backup put back is refused with both sizes, and so is a fork`() async throws {
        let test = try await TestOffice()
        let log = try TestLog(test)
        try await log.addEntries(300)
        try await log.drain()
        try await log.sequencer().check()
        // A newer checkpoint was signed and copied; then the database of before comes back.
        let root = TreeHash(.sha256).leaf([1])
        try sign(log, size: 400, root: root)
        await #expect(throws: LogFault.rolledBack(database: 300, signed: 400)) { try await log.sequencer().check() }
        try sign(log, size: 300, root: root)
        await #expect(throws: LogFault.forked(size: 300)) { try await log.sequencer().check() }
        try log.copy.write([0x0A])
        await #expect(throws: LogFault.copy) { try await log.sequencer().check() }
    }

    @Test
    func `rows at the right edge that do not lead to the checkpoint stop the start`() async throws {
        let test = try await TestOffice()
        let log = try TestLog(test)
        try await log.addEntries(300)
        try await log.drain()
        try await log.tamper(["DELETE FROM evidence_entry WHERE idx = 299"])
        await #expect(throws: LogFault.entries(found: 299, checkpoint: 300)) { try await log.sequencer().check() }
        let other = try TestLog(try await TestOffice())
        try await other.addEntries(300)
        try await other.drain()
        try await other.tamper(["UPDATE evidence_tile SET root = sha256('x') WHERE n = 0"])
        await #expect(throws: LogFault.root(size: 300)) { try await other.sequencer().check() }
    }

    @Test
    func `nobody changes, deletes or empties the log, and a pending row leaves only into it`() async throws {
        let test = try await TestOffice()
        let log = try TestLog(test)
        try await log.addEntries(300)
        try await log.drain()
        try await log.addEntries(1, name: "waiting")
        // The partitions that are made later are as closed as the first.
        try await test.owner.execute("SELECT evidence_make_room(25000000)")
        let refused: [Query] = [
            "TRUNCATE evidence_entry_3",
            "UPDATE evidence_entry SET body = body", "DELETE FROM evidence_entry", "TRUNCATE evidence_entry",
            "TRUNCATE evidence_entry_0", "UPDATE evidence_entry_0 SET body = body", "DELETE FROM evidence_tile",
            "UPDATE evidence_tile SET root = root", "TRUNCATE evidence_tile", "DELETE FROM evidence_checkpoint",
            "UPDATE evidence_checkpoint SET size = size", "TRUNCATE evidence_checkpoint CASCADE",
            "DELETE FROM evidence_note", "UPDATE evidence_note SET note = note", "TRUNCATE evidence_note",
            "DELETE FROM evidence_pending", "UPDATE evidence_pending SET body = body", "TRUNCATE evidence_pending",
        ]
        for database in [test.owner, test.office.database] {
            for statement in refused {
                do {
                    try await database.execute(statement)
                    Issue.record("not refused: \(statement)")
                } catch { #expect(error.sqlstate == "42501", "\(statement)") }
            }
        }
        let wrongLeaf: Query =
            "SELECT evidence_sequence(300, (SELECT array_agg(id) FROM evidence_pending), ARRAY[sha256('x')])"
        await #expect(throws: DatabaseFault.self) { try await test.office.database.execute(wrongLeaf) }
        await #expect(throws: DatabaseFault.self) {
            try await test.office.database.execute(
                "INSERT INTO evidence_entry (idx, tx, body, leaf256) VALUES (0, '', '', '')"
            )
        }
    }

    @Test
    func `a person's data key destroyed, the details are gone and the tree is whole`() async throws {
        let test = try await TestOffice()
        let log = try TestLog(test)
        let person = RegisterResident(ResidentsTests.entered("张三", "320100190001019070"))
        let resident = try await test.office.perform(person, by: test.clerk).answer.resident
        let look = ShowResident(resident, reason: try LookReason("核对"))
        let tx = try await test.office.perform(look, by: test.clerk).tx
        try await log.drain()
        let row = try await test.owner.one("SELECT sealed FROM evidence_opening WHERE tx = \(tx)")
        let sealed: [UInt8] = try row.value("sealed")
        let column = Hex.encode(tx)
        let vault = test.office.vault
        let before = try await test.office.database.transaction { transaction in
            try await DataKeys.key(of: resident, vault, in: transaction)
        }
        let opened = try vault.open(sealed, table: "evidence_pending", column: column, with: before)
        let detail = try JSONReader.read(Array(opened.dropFirst(32)))
        let commitment = Commitment.text(.sha256, key: Array(opened.prefix(32)), act: "pii.look", detail: detail)
        guard case .receipt(let receipt) = try await log.log.receipt(tx) else {
            Issue.record("no receipt")
            return
        }
        #expect(String(decoding: receipt.extra ?? [], as: UTF8.self).contains(commitment))
        try await test.owner.execute(
            "UPDATE resident_dek SET wrapped = NULL, destroyed_at = now() WHERE resident_id = \(resident)"
        )
        await #expect(throws: ResidentVault.Fault.erased) {
            try await test.office.database.transaction { transaction in
                _ = try await DataKeys.key(of: resident, vault, in: transaction)
            }
        }
        try await test.owner.execute("DELETE FROM evidence_opening WHERE subject = \(resident)")
        try await log.sequencer().check()
        #expect(receipt.verdict(keys: [log.identity.key]) == .accepted(entry: receipt.extra ?? []))
    }

    private func sign(_ log: TestLog, size: UInt64, root: [UInt8]) throws {
        let checkpoint = Checkpoint(origin: TestLog.origin, size: size, root: root)
        let signature = try log.test.office.keys.signer("evidence.log").sign(Array(checkpoint.text.utf8))
        let note = SignedNote(text: checkpoint.text, signatures: [.init(by: log.identity.key, signature)])
        try log.copy.write(note.encoded)
    }
}
