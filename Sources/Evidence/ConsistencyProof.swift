/// 一致性证明 That a tree, or a subtree of it, stands unchanged at the front of a larger tree (RFC 9162, 2.1.4;
/// draft-ietf-plants-merkle-tree-certs, 4.4).
package struct ConsistencyProof: Hashable, Sendable {
    /// The smaller tree, or the part of one.
    package let part: Subtree
    /// The size of the larger tree.
    package let size: UInt64
    /// Hashes from the leaf side to the root.
    package let path: [[UInt8]]

    /// A proof that a part lies in a tree of `size`.
    package init(of part: Subtree, size: UInt64, path: [[UInt8]]) {
        self.part = part
        self.size = size
        self.path = path
    }

    /// The proof between two sizes of one log; nil when the smaller is 0, which nothing can contradict.
    package init?(from earlier: UInt64, to later: UInt64, path: [[UInt8]]) {
        guard earlier > 0, let part = Subtree(0, earlier) else { return nil }
        self.init(of: part, size: later, path: path)
    }

    /// Where a hash of the path goes.
    private enum Side { case leftOfBoth, leftOfWhole, rightOfWhole }

    /// Whether the part with one root stands in the tree with the other. Sizes and the path's exact length are checked
    /// before any hashing.
    package func proves(_ partRoot: [UInt8], in root: [UInt8], _ hash: TreeHash) -> Bool {
        guard part.end <= size, size <= 1 << 62 else { return false }
        guard part.count > 0 else { return path.isEmpty && partRoot == hash.empty }
        let plan = sides
        let expected = plan.sides.count + (plan.startsFromPath ? 1 : 0)
        guard path.count == expected, path.allSatisfy({ $0.count == hash.length }) else { return false }
        guard plan.sides.isEmpty || partRoot.count == hash.length else { return false }
        var rest = path[...]
        var small = partRoot
        if plan.startsFromPath {
            guard let first = rest.popFirst() else { return false }
            small = first
        }
        var whole = small
        for (side, node) in zip(plan.sides, rest) {
            switch side {
            case .leftOfBoth:
                small = hash.node(node, small)
                whole = hash.node(node, whole)
            case .leftOfWhole: whole = hash.node(node, whole)
            case .rightOfWhole: whole = hash.node(whole, node)
            }
        }
        return small == partRoot && whole == root
    }

    /// The steps that the two sizes alone lay down.
    private var sides: (startsFromPath: Bool, sides: [Side]) {
        var first = part.start
        var last = part.end - 1
        var edge = size - 1
        func shift() {
            first >>= 1
            last >>= 1
            edge >>= 1
        }
        let isAtEdge = last == edge
        while first != last, isAtEdge || last & 1 == 1 { shift() }
        let startsFromPath = first != last
        var sides: [Side] = []
        while edge != 0 {
            if last & 1 == 1 || last == edge {
                sides.append(first < last ? .leftOfBoth : .leftOfWhole)
                while last & 1 == 0 { shift() }
            } else {
                sides.append(.rightOfWhole)
            }
            shift()
        }
        return (startsFromPath, sides)
    }
}
