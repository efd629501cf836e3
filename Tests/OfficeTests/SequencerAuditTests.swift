import Cryptography
import Database
import Encodings
import Evidence
import Foundation
import KeyHierarchy
import Octets
import Office
import Testing

@Suite("存证核验 what fsck finds after the sequencer")
struct SequencerAuditTests {
    private func audit(_ log: TestLog) -> LogAudit {
        LogAudit(database: log.test.office.database, identity: log.identity, copy: log.copy)
    }

    /// A log of 300 entries in two turns, the first tile full.
    private func made() async throws -> TestLog {
        let log = try TestLog(try await TestOffice())
        try await log.addEntries(280)
        try await log.drain()
        try await log.addEntries(20, name: "later")
        try await log.drain()
        return log
    }

    @Test
    func `an untouched log is clean, and was read whole`() async throws {
        let log = try await made()
        let report = try await audit(log).run(.full)
        #expect(report.finding == nil)
        #expect([report.entries, report.tiles, report.checkpoints] == [300, 1, 2])
    }

    @Test
    func `whatever the owner of the database changes is found, and the first entry that differs is named`() async throws
    {
        let leaf: Query = "leaf256 = sha256('\\x00'::bytea || convert_to(body, 'UTF8'))"
        let cases: [(statements: [Query], finding: LogAudit.Finding)] = [
            (["UPDATE evidence_entry SET body = replace(body, '\"n:8\"', '\"n:9\"') WHERE idx = 7"], .body(index: 7)),
            (
                [
                    "UPDATE evidence_entry SET body = replace(body, '\"n:8\"', '\"n:9\"') WHERE idx = 7",
                    "UPDATE evidence_entry SET \(fragment: leaf) WHERE idx = 7",
                ], .tile("tile/0/000", index: 7)
            ),
            (
                [
                    "UPDATE evidence_entry SET body = replace(body, '\"n:270\"', '\"n:9\"') WHERE idx = 269",
                    "UPDATE evidence_entry SET \(fragment: leaf) WHERE idx = 269",
                ], .checkpoint(size: 280, from: 256)
            ),
            (["DELETE FROM evidence_entry WHERE idx = 100"], .missing(index: 100)),
            (
                [
                    "UPDATE evidence_entry SET idx = 9000000 WHERE idx = 20",
                    "UPDATE evidence_entry SET idx = 20 WHERE idx = 21",
                    "UPDATE evidence_entry SET idx = 21 WHERE idx = 9000000",
                ], .tile("tile/0/000", index: 20)
            ),
            (
                ["UPDATE evidence_tile SET hashes = set_byte(hashes, 95, get_byte(hashes, 95) # 1)"],
                .tile("tile/0/000", index: 2)
            ),
            (["DELETE FROM evidence_tile"], .tile("tile/0/000", index: 0)),
            (
                ["UPDATE evidence_checkpoint SET root = sha256('x') WHERE size = 280"],
                .checkpoint(size: 280, from: 256)
            ),
            (
                ["UPDATE evidence_note SET note = replace(note, E'\\n280\\n', E'\\n281\\n') WHERE size = 280"],
                .note(size: 280)
            ),
            (
                ["DELETE FROM evidence_entry WHERE idx >= 280"],
                .fault(.entries(found: 280, checkpoint: 300))
            ),
            (
                [
                    "DELETE FROM evidence_entry WHERE idx >= 280", "DELETE FROM evidence_note WHERE size = 300",
                    "DELETE FROM evidence_checkpoint WHERE size = 300",
                ], .fault(.rolledBack(database: 280, signed: 300))
            ),
            (
                [
                    "INSERT INTO evidence_entry (idx, tx, body, leaf256) VALUES (300, '', '{\"tx\":\"\"}', sha256('x'))"
                ], .body(index: 300)
            ),
            (
                ["INSERT INTO evidence_tile SELECT tree, 0, 1, hashes, root FROM evidence_tile"],
                .surplus(table: "evidence_tile")
            ),
        ]
        for (statements, finding) in cases {
            let log = try await made()
            try await log.tamper(statements)
            #expect(try await audit(log).run(.full).finding == finding)
        }
    }

    @Test
    func `sixty random changes of one bit, in tiles, bodies, leaves and roots, are all found`() async throws {
        let log = try await made()
        let audit = audit(log)
        var dice = SystemRandomNumberGenerator()
        for turn in 0..<60 {
            let index = Int64.random(in: 0..<300, using: &dice)
            let place = Int32.random(in: 0..<8_192, using: &dice)
            let bit = Int32(1) << Int32.random(in: 0..<7, using: &dice)
            let change: Query =
                switch turn % 5 {
                case 0, 1:
                    "UPDATE evidence_tile SET hashes = set_byte(hashes, \(place), get_byte(hashes, \(place)) # \(bit))"
                case 2:
                    """
                    UPDATE evidence_entry SET leaf256 = set_byte(leaf256, \(place % 32), get_byte(leaf256, \(place % 32)) # \(bit))
                    WHERE idx = \(index)
                    """
                case 3:
                    "UPDATE evidence_tile SET root = set_byte(root, \(place % 32), get_byte(root, \(place % 32)) # \(bit))"
                default:
                    """
                    UPDATE evidence_entry SET body = convert_from(set_byte(convert_to(body, 'UTF8'), 9,
                        get_byte(convert_to(body, 'UTF8'), 9) # 1), 'UTF8') WHERE idx = \(index)
                    """
                }
            try await log.tamper([change])
            #expect(try await audit.run(.full).finding != nil, "turn \(turn) index \(index) place \(place) bit \(bit)")
            try await log.tamper([change])
        }
        #expect(try await audit.run(.full).finding == nil)
    }

    @Test
    func `a move of a card whose evidence was taken away is found`() async throws {
        let log = try await made()
        try await log.tamper([
            """
            INSERT INTO key_version (purpose, version, algorithm, custody, state, active_days, usable_days, created_at,
                evidence_tx)
            VALUES ('x', 1, 'P-256', 'file', 'active', 1, 1, now(), '\\x00')
            """
        ])
        #expect(try await audit(log).run(.edge).finding == .unproved(table: "key_version"))
    }

    @Test
    func `the auditor finds entries by object, actor, kind and time, and nobody else does`() async throws {
        let test = try await TestOffice()
        let log = try TestLog(test)
        let person = RegisterResident(ResidentsTests.entered("张三", "320100190001019070"))
        let resident = try await test.office.perform(person, by: test.clerk).answer.resident
        _ = try await test.office.perform(ShowResident(resident, reason: LookReason("核对")), by: test.clerk)
        try await log.drain()
        var filter = ReadEvidence.Filter()
        filter.act = "pii.look"
        filter.actor = test.clerk.reference
        filter.since = test.clock.with { $0.microseconds / 1000 }
        let found = try await test.office.perform(ReadEvidence(filter), by: test.auditor).answer.lines
        #expect(found.map(\.index) == [1])
        let body = try JSONReader.read(Array(found[0].body.utf8))
        var byObject = ReadEvidence.Filter()
        byObject.object = try #require(body["object"]?.string)
        #expect(try await test.office.perform(ReadEvidence(byObject), by: test.auditor).answer.lines.contains(found[0]))
        filter.until = filter.since
        #expect(try await test.office.perform(ReadEvidence(filter), by: test.auditor).answer.lines.isEmpty)
        for caller in [test.clerk, test.hotline, test.operating] {
            await #expect(throws: Refusal.forbidden(act: "evidence.read", role: caller.role)) {
                try await test.office.perform(ReadEvidence(filter), by: caller)
            }
        }
        #expect(try await test.acts() == ["audit.read", "audit.read", "audit.read", "refusal", "refusal", "refusal"])
    }
}
