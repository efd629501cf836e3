/// 瓦片 Up to 256 neighbouring hashes of one level of a tree: the unit in which a log is stored and served (C2SP
/// tlog-tiles).
package struct Tile: Hashable, Sendable {
    /// Hashes of a full tile.
    package static let fullWidth = 256

    /// Level 0 holds leaves, level 1 the roots of full tiles of level 0, and so on.
    package let level: Int
    /// Its place in its level.
    package let number: UInt64
    /// 1 to 256 hashes.
    package let width: Int

    /// Nil when level or width is out of bounds.
    package init?(level: Int, number: UInt64, width: Int) {
        guard (0...Self.highestLevel).contains(level), (1...Self.fullWidth).contains(width), number <= 1 << 54 else {
            return nil
        }
        self.level = level
        self.number = number
        self.width = width
    }

    init(full number: UInt64, level: Int) {
        self.level = level
        self.number = number
        width = Self.fullWidth
    }

    /// Whether it has all 256 hashes and never changes again.
    package var isFull: Bool { width == Self.fullWidth }

    /// 2^62 leaves need no more.
    private static let highestLevel = 7

    /// The tiles at the right edge of a tree: one a level, the last of each, full or not; level 0 first.
    package static func edge(of size: UInt64) -> [Tile] {
        var tiles: [Tile] = []
        var count = size
        var level = 0
        while count > 0, level <= highestLevel {
            let width = count % 256
            if width > 0, let tile = Tile(level: level, number: count / 256, width: Int(width)) { tiles.append(tile) }
            count /= 256
            level += 1
        }
        return tiles
    }
}
