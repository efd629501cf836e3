import Cryptography
import Evidence
import Octets
import Testing

@Suite("树的生长与证明 growing trees and their proofs")
struct TreeTests {
    private let hash = TreeHash(.sha256)

    @Test(arguments: [
        (
            Digest.sha256, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        ),
        (
            Digest.sm3, "2daef60e7a0b8f5e024c81cd2ab3109f2b4f155cf83adeb2ae5532f74a157fdf",
            "bc48ba7a709184b5f2a631e1adeb8dc2a0d4c018c1d6cc89b5664fe154c93b38"
        ),
    ])
    func `the eight leaves of the specification have their roots`(digest: Digest, one: String, eight: String) throws {
        let leaves = [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
        ]
        var tree = TreeState(TreeHash(digest))
        #expect(tree.root == digest.hash([]))
        _ = tree.append(entries: [try Hex.decode(leaves[0])])
        #expect(Hex.encode(tree.root) == one)
        _ = tree.append(entries: try leaves.dropFirst().map { try Hex.decode($0) })
        #expect(Hex.encode(tree.root) == eight)
    }

    /// Every tile of a tree of `count` numbered leaves, in every width the tree passed through.
    private func grown(_ count: Int) -> (states: [TreeState], tiles: [Tile: [[UInt8]]]) {
        var tree = TreeState(hash)
        var states = [tree]
        var tiles: [Tile: [[UInt8]]] = [:]
        for number in 0..<count {
            let full = tree.append(leaf: hash.leaf(String(number).utf8))
            for tile in full { tiles[tile.tile] = tile.hashes }
            for tile in Tile.edge(of: tree.size) { tiles[tile] = tree.edge[tile.level] }
            states.append(tree)
        }
        return (states, tiles)
    }

    @Test
    func `every leaf of every size up to 70 is proved, and between every two sizes`() throws {
        let (states, tiles) = grown(70)
        for size in 1...70 {
            let root = states[size].root
            for index in 0..<size {
                let plan = try #require(ProofPlan(inclusion: UInt64(index), size: UInt64(size)))
                let path = try #require(plan.path(tiles, hash))
                let proof = InclusionProof(index: UInt64(index), size: UInt64(size), path: path)
                #expect(proof.proves(hash.leaf(String(index).utf8), in: root, hash))
                #expect(!proof.proves(hash.leaf("other".utf8), in: root, hash))
            }
            for earlier in 1...size {
                let plan = try #require(ProofPlan(from: UInt64(earlier), to: UInt64(size)))
                let path = try #require(plan.path(tiles, hash))
                let proof = try #require(ConsistencyProof(from: UInt64(earlier), to: UInt64(size), path: path))
                #expect(proof.proves(states[earlier].root, in: root, hash))
                #expect(!proof.proves(hash.empty, in: root, hash))
            }
        }
    }

    @Test
    func `proofs cross the levels of tiles`() throws {
        let (states, tiles) = grown(1_300)
        for (earlier, size) in [(255, 256), (256, 257), (511, 1_300), (700, 1_024), (1_024, 1_025), (1, 1_300)] {
            let root = states[size].root
            for index in [0, 1, 255, 256, earlier, size - 1] where index < size {
                let path = ProofPlan(inclusion: UInt64(index), size: UInt64(size))?.path(tiles, hash)
                let proof = InclusionProof(index: UInt64(index), size: UInt64(size), path: try #require(path))
                #expect(proof.proves(hash.leaf(String(index).utf8), in: root, hash))
            }
            let path = try #require(ProofPlan(from: UInt64(earlier), to: UInt64(size))?.path(tiles, hash))
            let proof = try #require(ConsistencyProof(from: UInt64(earlier), to: UInt64(size), path: path))
            #expect(proof.proves(states[earlier].root, in: root, hash))
        }
    }

    @Test
    func `a tree goes on from its right edge alone`() throws {
        let (states, _) = grown(1_300)
        for size in [0, 1, 255, 256, 257, 511, 512, 1_024, 1_299] {
            var tree = try #require(TreeState(hash, size: UInt64(size), edge: states[size].edge))
            #expect(tree.root == states[size].root)
            for number in size..<1_300 { _ = tree.append(leaf: hash.leaf(String(number).utf8)) }
            #expect(tree.root == states[1_300].root)
        }
        #expect(TreeState(hash, size: 257, edge: states[256].edge) == nil)
    }

    @Test(arguments: [
        ("tile/0/000.p/3", true), ("tile/0/x001/x234/067", true), ("tile/1/x001/000", true),
        ("tile/entries/000.p/255", true), ("tile/0/x000/001", false), ("tile/0/000.p/0", false),
        ("tile/0/000.p/256", false), ("tile/0/000.p/03", false), ("tile/0/1", false), ("tile/00/000", false),
        ("tile/0/001/002", false), ("tile/0/x001", false), ("tile/64/000", false), ("tile/0", false),
        ("tile/-1/000", false),
        ("tile/0/000.p", false), ("tile/0/x001.p/5", false), ("checkpoint", false), ("tile/0/+01", false),
    ])
    func `a tile has one path`(path: String, isPath: Bool) {
        #expect(TilePath(path)?.text == (isPath ? path : nil))
    }

    @Test
    func `a bundle is read whole or not at all`() throws {
        let entries: [[UInt8]] = [[1, 2, 3], [], [4]]
        let octets = try EntryBundle.encode(entries)
        #expect(try EntryBundle.decode(octets, width: 3) == entries)
        for cut in 0..<octets.count {
            #expect(throws: EntryBundle.Fault.self) { try EntryBundle.decode(Array(octets.prefix(cut)), width: 3) }
        }
        #expect(throws: EntryBundle.Fault.self) { try EntryBundle.decode(octets + [0], width: 3) }
        #expect(throws: EntryBundle.Fault.tooLong(index: 0)) {
            try EntryBundle.encode([[UInt8](repeating: 0, count: 65_536)])
        }
    }
}
