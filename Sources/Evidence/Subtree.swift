/// 子树 The leaves `start ..< end` of a tree, where they stand under one node of every larger tree: `start` is a multiple
/// of the smallest power of two that holds them (draft-ietf-plants-merkle-tree-certs, 4.1). It may be empty.
package struct Subtree: Hashable, Sendable {
    /// The first entry.
    package let start: UInt64
    /// One past the last entry.
    package let end: UInt64

    /// Nil when the range is not aligned.
    package init?(_ start: UInt64, _ end: UInt64) {
        guard start <= end, end <= 1 << 62 else { return nil }
        var span: UInt64 = 1
        while span < end - start { span <<= 1 }
        guard start.isMultiple(of: span) else { return nil }
        self.start = start
        self.end = end
    }

    /// Number of leaves.
    package var count: UInt64 { end - start }
}
