import Octets

/// 检查点 What a log says of itself at a size: origin, size and root, three lines (C2SP tlog-checkpoint).
package struct Checkpoint: Hashable, Sendable {
    /// Why a text is no checkpoint of ours.
    package enum Fault: Error, Hashable, Sendable {
        case lines(Int)
        case origin
        case size
        case root
    }

    /// The name of the log.
    package let origin: String
    /// How many entries the tree has.
    package let size: UInt64
    /// The root hash.
    package let root: [UInt8]

    /// A head of the tree; nothing is checked against it here.
    package init(origin: String, size: UInt64, root: [UInt8]) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the text of a note; extension lines are refused.
    package init(_ text: String) throws(Fault) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[3].isEmpty else { throw .lines(lines.count) }
        guard VerifierKey.isName(lines[0]) else { throw .origin }
        guard let size = UInt64(lines[1]), String(size) == lines[1], size <= 1 << 62 else { throw .size }
        guard let root = try? Base64.decode(lines[2]), root.count == 32 else { throw .root }
        self.init(origin: String(lines[0]), size: size, root: root)
    }

    /// The three lines that are signed.
    package var text: String { "\(origin)\n\(size)\n\(Base64.encode(root))\n" }
}
