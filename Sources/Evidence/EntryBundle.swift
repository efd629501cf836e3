import Octets

/// 条目包 Up to 256 neighbouring entries, each behind its length in two octets (C2SP tlog-tiles).
package enum EntryBundle {
    /// Why octets are no bundle of so many entries.
    package enum Fault: Error, Hashable, Sendable {
        case truncated(offset: Int)
        case leftOver(offset: Int)
        case tooLong(index: Int)
    }

    package static func encode(_ entries: [[UInt8]]) throws(Fault) -> [UInt8] {
        var octets: [UInt8] = []
        for (index, entry) in entries.enumerated() {
            guard let length = UInt16(exactly: entry.count) else { throw .tooLong(index: index) }
            octets += length.bigEndianOctets
            octets += entry
        }
        return octets
    }

    /// Reads exactly `width` entries, the whole input.
    package static func decode(_ octets: [UInt8], width: Int) throws(Fault) -> [[UInt8]] {
        var cursor = ByteCursor(octets)
        var entries: [[UInt8]] = []
        for _ in 0..<width {
            do throws(ByteCursor.Fault) {
                entries.append(try cursor.take(Int(try cursor.uint16("length")), "entry"))
            } catch { throw .truncated(offset: cursor.offset) }
        }
        guard cursor.remaining == 0 else { throw .leftOver(offset: cursor.offset) }
        return entries
    }
}
