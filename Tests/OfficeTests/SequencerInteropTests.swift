import CommandLine
import Cryptography
import Database
import Evidence
import Foundation
import Octets
import Office
import ServiceCommands
import Testing

@Suite(
    "第三方核验 the log under verifiers that are not ours",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "no python3 on this machine")
)
struct SequencerInteropTests {
    @Test
    func `two Python verifiers accept export and receipts, and refuse every file with a changed octet`() async throws {
        let log = try TestLog(try await TestOffice())
        try await log.addEntries(600)
        try await log.drain()
        let head = try await log.test.office.perform(ExportLog(), by: log.test.auditor).answer
        let folder = log.test.folder.appendingPathComponent("export")
        try await LogFiles(folder: folder.path, log: log.log).write(head, key: log.identity.key.text)
        let receipts = folder.appendingPathComponent("receipts")
        try FileManager.default.createDirectory(at: receipts, withIntermediateDirectories: true)
        for index in [0, 255, 256, 599] {
            let row = try await log.test.owner.one("SELECT tx FROM evidence_entry WHERE idx = \(Int64(index))")
            guard case .receipt(let receipt) = try await log.log.receipt(try row.value("tx")) else {
                Issue.record("no receipt of \(index)")
                continue
            }
            let file = receipts.appendingPathComponent("\(index).tlog-proof")
            try Data(receipt.encoded).write(to: file)
            let key = folder.appendingPathComponent("evidence.vkey").path
            #expect(try await python("Tests/Interop/verify_receipt.py", "receipt", key, file.path) == 0)
        }
        #expect(try await python("Tests/Interop/verify_receipt.py", "log", folder.path) == 0)
        #expect(try await python("Docs/verify-log.py", folder.path) == 0)
        guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        else {
            return
        }
        let files = walk.allObjects.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
        #expect(files.count == 13)
        for file in files {
            let whole = try Data(contentsOf: file)
            var changed = whole
            changed[whole.count / 2] ^= 1
            try changed.write(to: file)
            #expect(try await python("Docs/verify-log.py", folder.path) == 1, "\(file.lastPathComponent)")
            try whole.write(to: file)
        }
    }

    @Test
    func `our consistency proofs hold for the Python verifier`() async throws {
        let hash = TreeHash(.sha256)
        var tree = TreeState(hash)
        var roots = [tree.root]
        var tiles: [Tile: [[UInt8]]] = [:]
        for number in 0..<300 {
            for tile in tree.append(leaf: hash.leaf(String(number).utf8)) { tiles[tile.tile] = tile.hashes }
            for tile in Tile.edge(of: tree.size) { tiles[tile] = tree.edge[tile.level] }
            roots.append(tree.root)
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("proof-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        for (earlier, later) in [(1, 2), (3, 7), (128, 300), (255, 256), (256, 300), (299, 300), (300, 300)] {
            let plan = try #require(ProofPlan(from: UInt64(earlier), to: UInt64(later)))
            let path = try #require(plan.path(tiles, hash))
            let members: [String: Any] = [
                "size1": earlier, "size2": later, "root1": Base64.encode(roots[earlier]),
                "root2": Base64.encode(roots[later]), "proof": path.map { Base64.encode($0) },
            ]
            try JSONSerialization.data(withJSONObject: members).write(to: file)
            #expect(try await python("Tests/Interop/verify_receipt.py", "consistency", file.path) == 0)
        }
    }

    private func python(_ words: String...) async throws -> Int32 {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = words
        process.currentDirectoryURL = root
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
