/// 树的生长 A tree as far as growing needs it: the hashes at its right edge. Entries go in, full tiles come out, and the
/// root of the moment costs at most one hash a level.
package struct TreeState: Sendable {
    /// A tile that has become full, with its root, which is a hash of the tile above.
    package struct FullTile: Hashable, Sendable {
        /// Which tile.
        package let tile: Tile
        /// Its hashes, left to right.
        package let hashes: [[UInt8]]
        /// The root with the new entries.
        package let root: [UInt8]
    }

    /// How its nodes are hashed.
    package let hash: TreeHash
    /// How many entries it has.
    package private(set) var size: UInt64 = 0
    /// The last tile of each level as far as it is filled, level 0 first.
    package private(set) var edge: [[[UInt8]]] = []
    /// The complete subtrees of which the tree consists, largest first: one for each bit that is set in `size`.
    private var peaks: [[UInt8]] = []

    /// A tree without leaves.
    package init(_ hash: TreeHash) { self.hash = hash }

    /// A tree from the last tile of each level, level 0 first, in the widths that `Tile.edge(of:)` names; nil when they
    /// do not fit the size.
    package init?(_ hash: TreeHash, size: UInt64, edge: [[[UInt8]]]) {
        self.hash = hash
        self.size = size
        var rest = size
        var level = 0
        while rest > 0 {
            let hashes = level < edge.count ? edge[level] : []
            guard UInt64(hashes.count) == rest % 256, hashes.allSatisfy({ $0.count == hash.length }) else { return nil }
            self.edge.append(hashes)
            rest /= 256
            level += 1
        }
        guard edge.dropFirst(level).allSatisfy(\.isEmpty) else { return nil }
        for hashes in self.edge.reversed() {
            var left = hashes[...]
            while !left.isEmpty {
                let span = left.count.largestPowerOfTwo
                peaks.append(hash.root(over: left.prefix(span)))
                left = left.dropFirst(span)
            }
        }
    }

    /// The root over all leaves.
    package var root: [UInt8] {
        guard var node = peaks.last else { return hash.empty }
        for peak in peaks.dropLast().reversed() { node = hash.node(peak, node) }
        return node
    }

    /// Takes in one leaf hash; the tiles that became full by it.
    package mutating func append(leaf: [UInt8]) -> [FullTile] {
        var full: [FullTile] = []
        place(leaf, at: 0)
        peaks.append(leaf)
        var rest = size
        var height = 0
        size += 1
        while rest & 1 == 1, let right = peaks.popLast(), let left = peaks.popLast() {
            let node = hash.node(left, right)
            peaks.append(node)
            rest >>= 1
            height += 1
            guard height.isMultiple(of: 8) else { continue }
            let level = height / 8 - 1
            full.append(FullTile(tile: Tile(full: rest, level: level), hashes: edge[level], root: node))
            edge[level] = []
            place(node, at: level + 1)
        }
        return full
    }

    /// Takes in entries; the tiles that became full by them.
    package mutating func append(entries: some Sequence<[UInt8]>) -> [FullTile] {
        entries.flatMap { append(leaf: hash.leaf($0)) }
    }

    private mutating func place(_ node: [UInt8], at level: Int) {
        while edge.count <= level { edge.append([]) }
        edge[level].append(node)
    }
}
