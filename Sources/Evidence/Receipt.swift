package import Cryptography
import Octets

/// 回执 The proof that an entry is in the log, to be checked without a network (C2SP tlog-proof):
///
///     c2sp.org/tlog-proof@v1
///     extra <base64 of the entry>
///     index 1
///     <hashes of the path, base64>
///
///     <checkpoint>
///
/// The `extra` line is not signed; ours holds the entry itself, which the path then proves.
package struct Receipt: Hashable, Sendable {
    /// Why octets are no receipt.
    package enum Fault: Error, Hashable, Sendable {
        case tooLong
        case notText
        case firstLine
        case index
        case path(line: Int)
        case note(SignedNote.Fault)
        case checkpoint(Checkpoint.Fault)
    }

    /// Which tree: the first line tells, so that a tool for one refuses the other.
    package enum Form: String, Hashable, Sendable, CaseIterable {
        case sha256 = "c2sp.org/tlog-proof@v1"
        case sm3 = "citizen/tlog-proof-sm3@v1"

        /// The hash function of the tree.
        package var digest: Digest {
            switch self {
            case .sha256: .sha256
            case .sm3: .sm3
            }
        }
    }

    /// Which tree it is of.
    package let form: Form
    /// A line that nothing authenticates.
    package let extra: [UInt8]?
    /// The place of the entry, from 0.
    package let index: UInt64
    /// Hashes from the leaf's sibling to the child of the root.
    package let path: [[UInt8]]
    /// The signed checkpoint.
    package let note: SignedNote
    /// What the note says.
    package let checkpoint: Checkpoint

    /// Throws `checkpoint` when the note is none.
    package init(
        form: Form = .sha256,
        extra: [UInt8]? = nil,
        index: UInt64,
        path: [[UInt8]],
        note: SignedNote
    ) throws(Fault) {
        self.form = form
        self.extra = extra
        self.index = index
        self.path = path
        self.note = note
        do { checkpoint = try Checkpoint(note.text) } catch { throw .checkpoint(error) }
    }

    /// Reads a receipt: the whole input, one spelling.
    package init(_ octets: [UInt8]) throws(Fault) {
        guard octets.count <= Self.longest else { throw .tooLong }
        guard let end = (1..<max(octets.count, 1)).first(where: { octets[$0 - 1] == 0x0A && octets[$0] == 0x0A }),
            let head = String(validating: octets[..<(end - 1)], as: UTF8.self)
        else { throw .notText }
        var lines = head.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard let form = lines.popFirst().flatMap({ Form(rawValue: String($0)) }) else { throw .firstLine }
        var extra: [UInt8]?
        if let line = lines.first, line.hasPrefix("extra ") {
            guard let octets = try? Base64.decode(line.dropFirst(6)) else { throw .firstLine }
            extra = octets
            lines.removeFirst()
        }
        guard let line = lines.popFirst(), line.hasPrefix("index "), let index = UInt64(line.dropFirst(6)),
            "index \(index)" == line
        else { throw .index }
        guard lines.count <= Self.longestPath else { throw .tooLong }
        var path: [[UInt8]] = []
        for (number, line) in lines.enumerated() {
            guard let hash = try? Base64.decode(line), hash.count == form.digest.length else {
                throw .path(line: number)
            }
            path.append(hash)
        }
        let note: SignedNote
        do { note = try SignedNote(Array(octets[(end + 1)...])) } catch { throw .note(error) }
        try self.init(form: form, extra: extra, index: index, path: path, note: note)
    }

    /// The text of the file.
    package var encoded: [UInt8] {
        var lines = [form.rawValue]
        if let extra { lines.append("extra \(Base64.encode(extra))") }
        lines.append("index \(index)")
        lines += path.map { Base64.encode($0) }
        return Array((lines.joined(separator: "\n") + "\n\n").utf8) + note.encoded
    }

    private static let longest = 131_072
    private static let longestPath = 63
}
