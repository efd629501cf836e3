/// 证明的来源 Which tiles a proof is made of, and the proof once they are there. Asking and making are apart, so that
/// tiles may come from a database, a folder or a network.
package struct ProofPlan: Hashable, Sendable {
    /// A node over 2^level complete leaves.
    private struct Node: Hashable, Sendable {
        let level: Int
        let number: UInt64
    }

    /// For each hash of the path the complete nodes it is made of, left to right.
    private let parts: [[Node]]
    private let size: UInt64

    /// The path of a leaf; nil when it is not in the tree.
    package init?(inclusion index: UInt64, size: UInt64) {
        guard index < size else { return nil }
        var parts: [[Node]] = []
        var low: UInt64 = 0
        var high = size
        while high - low > 1 {
            let middle = low + Self.split(high - low)
            if index < middle {
                parts.append(Self.nodes(middle, high))
                high = middle
            } else {
                parts.append(Self.nodes(low, middle))
                low = middle
            }
        }
        self.parts = parts.reversed()
        self.size = size
    }

    /// The path between two sizes; nil unless 0 < earlier <= later.
    package init?(from earlier: UInt64, to later: UInt64) {
        guard earlier > 0, earlier <= later else { return nil }
        var parts: [[Node]] = []
        var low: UInt64 = 0
        var high = later
        var isWhole = true
        while high != earlier {
            let middle = low + Self.split(high - low)
            if earlier <= middle {
                parts.append(Self.nodes(middle, high))
                high = middle
            } else {
                parts.append(Self.nodes(low, middle))
                low = middle
                isWhole = false
            }
        }
        if !isWhole { parts.append(Self.nodes(low, high)) }
        self.parts = parts.reversed()
        size = later
    }

    /// The tiles that are needed, in the widths of this size.
    package var tiles: Set<Tile> { Set(parts.joined().compactMap(tile)) }

    /// The path; nil when a tile is missing or has not as many hashes as its width says.
    package func path(_ tiles: [Tile: [[UInt8]]], _ hash: TreeHash) -> [[UInt8]]? {
        var path: [[UInt8]] = []
        for nodes in parts {
            var found: [[UInt8]] = []
            for node in nodes {
                guard let tile = tile(of: node), let hashes = tiles[tile], hashes.count == tile.width else {
                    return nil
                }
                let span = 1 << (node.level % 8)
                let start = Int(node.number << UInt64(node.level % 8) & 0xFF)
                guard start + span <= hashes.count else { return nil }
                found.append(hash.root(over: hashes[start..<start + span]))
            }
            guard var whole = found.last else { return nil }
            for left in found.dropLast().reversed() { whole = hash.node(left, whole) }
            path.append(whole)
        }
        return path
    }

    private func tile(of node: Node) -> Tile? {
        let level = node.level / 8
        let number = node.number >> UInt64(8 - node.level % 8)
        let width = min((size >> UInt64(8 * level)) - number * 256, 256)
        return Tile(level: level, number: number, width: Int(width))
    }

    /// The largest power of two below a number of leaves, which is 2 or more.
    private static func split(_ count: UInt64) -> UInt64 { 1 << UInt64(63 - (count - 1).leadingZeroBitCount) }

    /// The complete subtrees of a range that begins at a multiple of their sizes.
    private static func nodes(_ low: UInt64, _ high: UInt64) -> [Node] {
        var nodes: [Node] = []
        var start = low
        while start < high {
            let level = 63 - (high - start).leadingZeroBitCount
            nodes.append(Node(level: level, number: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return nodes
    }
}
