import Cryptography
import Evidence
import Octets
import TestSupport
import Testing

@Suite(
    "公开的树与证明 published trees and proofs",
    .enabled(if: MerkleVectors.folder != nil, "no vectors: set CITIZEN_VECTORS")
)
struct MerkleVectorTests {
    private let hash = TreeHash(.sha256)

    @Test
    func `98 inclusion proofs are judged as published`() throws {
        for file in try MerkleVectors.files("inclusion", count: 98) {
            let proof = InclusionProof(index: file.number("leafIdx"), size: file.number("treeSize"), path: file.path)
            #expect(
                proof.proves(file.hash("leafHash"), in: file.hash("root"), hash) == !file.isRefused,
                "\(file.name)"
            )
        }
    }

    @Test
    func `98 consistency proofs are judged as published`() throws {
        for file in try MerkleVectors.files("consistency", count: 98) {
            let proof = ConsistencyProof(from: file.number("size1"), to: file.number("size2"), path: file.path)
            let holds = proof?.proves(file.hash("root1"), in: file.hash("root2"), hash) ?? false
            #expect(holds == !file.isRefused, "\(file.name)")
        }
    }

    @Test
    func `204 inclusion proofs of subtrees are judged as published`() throws {
        for file in try MerkleVectors.files("subtreeinclusion", count: 204) {
            let proof = Subtree(file.number("start"), file.number("end")).flatMap {
                InclusionProof(index: file.number("leafIdx"), in: $0, path: file.path)
            }
            let holds = proof?.proves(file.hash("leafHash"), in: file.hash("root"), hash) ?? false
            #expect(holds == !file.isRefused, "\(file.name)")
        }
    }

    @Test
    func `118 consistency proofs of subtrees are judged as published`() throws {
        for file in try MerkleVectors.files("subtreeconsistency", count: 118) {
            let proof = Subtree(file.number("start"), file.number("end")).map {
                ConsistencyProof(of: $0, size: file.number("size"), path: file.path)
            }
            let holds = proof?.proves(file.hash("root1"), in: file.hash("root2"), hash) ?? false
            #expect(holds == !file.isRefused, "\(file.name)")
        }
    }

    @Test
    func `312 cases of the SM3 tree are judged as published`() throws {
        let sm3 = TreeHash(.sm3)
        let cases = try Vectors.cases("sm/merkle_sm3_test.json")
        #expect(cases.count == 312)
        for test in cases {
            let path = (test.members["proof"] as? [String] ?? []).compactMap { try? Hex.decode($0) }
            let holds: Bool
            if let leaves = test.members["leaves"] as? [String] {
                var tree = TreeState(sm3)
                _ = tree.append(entries: leaves.compactMap { try? Hex.decode($0) })
                holds = tree.root == test.octets("root")
            } else if let index = test.number("leafIndex"), let size = test.number("treeSize") {
                holds = InclusionProof(index: UInt64(index), size: UInt64(size), path: path)
                    .proves(test.octets("leafHash"), in: test.octets("root"), sm3)
            } else {
                let earlier = UInt64(test.number("size1") ?? 0)
                let later = UInt64(test.number("size2") ?? 0)
                holds =
                    ConsistencyProof(from: earlier, to: later, path: path)?
                    .proves(test.octets("root1"), in: test.octets("root2"), sm3) ?? false
            }
            #expect(holds == (test.result == "valid"), "case \(test.id) \(test.comment)")
        }
    }

    @Test
    func `36 signed notes are judged as published`() throws {
        let cases = try Vectors.cases("merkle/signed-note/signed_note_test.json")
        #expect(cases.count == 36)
        for test in cases {
            let key = try? VerifierKey(test.text("vkey") ?? "")
            let note = try? SignedNote(Array((test.text("note") ?? "").utf8))
            let signers = key.flatMap { key in try? note?.signers(among: [key]) }
            #expect((signers != nil) == (test.result == "valid"), "case \(test.id) \(test.comment)")
            if let note, test.result == "valid" { #expect(note.encoded == Array((test.text("note") ?? "").utf8)) }
            guard let origin = test.text("origin"), let note else { continue }
            let checkpoint = try Checkpoint(note.text)
            #expect(checkpoint.origin == origin && checkpoint.size == UInt64(test.number("size") ?? -1))
            #expect(checkpoint.text == note.text)
        }
    }

    @Test
    func `the tiled log of 15 entries is rebuilt byte for byte`() throws {
        let key = try VerifierKey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
        let entries = try EntryBundle.decode(try MerkleVectors.octets("tiled-log/tile/entries/000.p/15"), width: 15)
        var tree = TreeState(hash)
        for size in 0...15 {
            let note = try SignedNote(try MerkleVectors.octets("tiled-log/checkpoint.\(size)"))
            #expect(try note.signers(among: [key]) == [key])
            let checkpoint = try Checkpoint(note.text)
            #expect(checkpoint.size == tree.size && checkpoint.root == tree.root)
            if size > 0 {
                let tile = try #require(Tile(level: 0, number: 0, width: size))
                let path = TilePath.hashes(tile).text
                #expect(try MerkleVectors.octets("tiled-log/\(path)") == tree.edge[0].flatMap { $0 })
                let bundle = TilePath.entries(number: 0, width: size).text
                let octets = try MerkleVectors.octets("tiled-log/\(bundle)")
                #expect(try EntryBundle.encode(Array(entries.prefix(size))) == octets)
            }
            if size < 15 { #expect(tree.append(leaf: hash.leaf(entries[size])).isEmpty) }
        }
    }
}
