/// 包含证明 That a leaf stands at an index of a tree of a size (RFC 9162, 2.1.3).
package struct InclusionProof: Hashable, Sendable {
    /// The place of the entry, from 0.
    package let index: UInt64
    /// How many entries the tree has.
    package let size: UInt64
    /// The leaf's sibling first, up to the child of the root.
    package let path: [[UInt8]]

    /// A proof for one entry of a tree.
    package init(index: UInt64, size: UInt64, path: [[UInt8]]) {
        self.index = index
        self.size = size
        self.path = path
    }

    /// The proof of a leaf within a subtree: the same with both counted from its start.
    package init?(index: UInt64, in subtree: Subtree, path: [[UInt8]]) {
        guard index >= subtree.start, index < subtree.end else { return nil }
        self.init(index: index - subtree.start, size: subtree.count, path: path)
    }

    /// How many hashes the path of an index in a tree has.
    package static func length(index: UInt64, size: UInt64) -> Int {
        let inner = UInt64.bitWidth - (index ^ (size - 1)).leadingZeroBitCount
        return inner + (inner < UInt64.bitWidth ? (index >> UInt64(inner)).nonzeroBitCount : 0)
    }

    /// The root that leaf and path lead to; nil when index, size and the path's length do not fit, before any hashing.
    package func root(of leaf: [UInt8], _ hash: TreeHash) -> [UInt8]? {
        guard index < size, size <= 1 << 62, leaf.count == hash.length else { return nil }
        guard path.count == Self.length(index: index, size: size), path.allSatisfy({ $0.count == hash.length }) else {
            return nil
        }
        var node = leaf
        var own = index
        var last = size - 1
        for sibling in path {
            if own & 1 == 1 || own == last {
                node = hash.node(sibling, node)
                while own & 1 == 0, own != 0 {
                    own >>= 1
                    last >>= 1
                }
            } else {
                node = hash.node(node, sibling)
            }
            own >>= 1
            last >>= 1
        }
        return node
    }

    /// Whether the leaf stands in the tree of this root.
    package func proves(_ leaf: [UInt8], in root: [UInt8], _ hash: TreeHash) -> Bool {
        self.root(of: leaf, hash) == root
    }
}
