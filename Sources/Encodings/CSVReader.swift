/// Comma-separated values of RFC 4180, read piece by piece: memory holds one piece and one record.
///
/// Commas part fields, CRLF or LF ends a record, quotes enclose a field and are doubled in it. A broken record costs
/// one line: reading goes on behind the first line break after its beginning. The octets may be UTF-8 or GB 18030,
/// whose second and later octets are never a quote, a comma or a line break.
package struct CSVReader: Sendable {
    /// Why a record is broken.
    package enum Fault: Error, Hashable, Sendable {
        /// A quote in an unquoted field, text behind a closing quote, or no closing quote.
        case quoting
        /// A carriage return without a line feed.
        case lineBreak
        /// Longer than the limit.
        case length
    }

    /// One record of the text, broken or not.
    package struct Record: Sendable {
        /// The line it begins on; the text's first line is 1.
        package let line: Int64
        /// The line behind it.
        package let nextLine: Int64
        /// Octets of the text up to its end, the line break included.
        package let endOffset: Int64
        package let fields: Result<[[UInt8]], Fault>
    }

    /// What reading gave.
    package enum Step: Sendable {
        case record(Record)
        /// Feed on, or say that the text has ended.
        case needsMore
        case end
    }

    /// Octets of one record at most.
    package static let recordLimit = 16_384

    private var buffer: [UInt8] = []
    private var position = 0
    private var offset: Int64
    private var line: Int64
    private var hasEnded = false
    /// Why the rest of a line is passed over that lies in the pieces to come.
    private var skipped: Fault?

    /// A reader at a place of the text between two records; the text's beginning by default.
    package init(offset: Int64 = 0, line: Int64 = 1) {
        self.offset = offset
        self.line = line
    }

    /// Takes the next piece.
    package mutating func feed(_ octets: [UInt8]) {
        buffer.removeFirst(position)
        position = 0
        buffer += octets
        // 字节顺序标记 The mark before the first line is no part of it.
        guard offset == 0, buffer.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        position = 3
        offset = 3
    }

    /// Says that no piece follows.
    package mutating func finish() { hasEnded = true }

    /// The next record.
    package mutating func next() -> Step {
        if let skipped { return skipLine(skipped) }
        guard position < buffer.count else { return hasEnded ? .end : .needsMore }
        var place = position
        do throws(Fault) {
            guard let fields = try fields(&place) else {
                guard buffer.count - position > Self.recordLimit else { return .needsMore }
                throw .length
            }
            guard place - position <= Self.recordLimit else { throw .length }
            return .record(take(to: place, .success(fields)))
        } catch { return skipLine(error) }
    }

    /// The fields up to the end of the record, `place` behind it; nil when the piece ends before.
    private func fields(_ place: inout Int) throws(Fault) -> [[UInt8]]? {
        var fields: [[UInt8]] = []
        fields.reserveCapacity(12)
        while true {
            guard let field = try field(&place) else { return nil }
            fields.append(field)
            guard place < buffer.count else { return hasEnded ? fields : nil }
            switch buffer[place] {
            case 0x2C: place += 1
            case 0x0A:
                place += 1
                return fields
            case 0x0D:
                guard place + 1 < buffer.count else {
                    guard !hasEnded else { throw .lineBreak }
                    return nil
                }
                guard buffer[place + 1] == 0x0A else { throw .lineBreak }
                place += 2
                return fields
            default: throw .quoting
            }
        }
    }

    /// One field, `place` on what ends it; nil when the piece ends inside quotes.
    private func field(_ place: inout Int) throws(Fault) -> [UInt8]? {
        let start = place
        guard place < buffer.count, buffer[place] == 0x22 else {
            while place < buffer.count {
                let octet = buffer[place]
                if octet == 0x2C || octet == 0x0A || octet == 0x0D { break }
                guard octet != 0x22 else { throw .quoting }
                place += 1
            }
            return Array(buffer[start..<place])
        }
        var text: [UInt8] = []
        place += 1
        while place < buffer.count {
            // A quote that is never closed must not swallow the file.
            guard place - position <= Self.recordLimit else { throw .quoting }
            let octet = buffer[place]
            if octet == 0x22 {
                guard place + 1 < buffer.count else {
                    guard hasEnded else { return nil }
                    place += 1
                    return text
                }
                guard buffer[place + 1] == 0x22 else {
                    place += 1
                    return text
                }
                place += 1
            }
            text.append(octet)
            place += 1
        }
        guard !hasEnded else { throw .quoting }
        return nil
    }

    private mutating func skipLine(_ fault: Fault) -> Step {
        var place = position
        while place < buffer.count, buffer[place] != 0x0A { place += 1 }
        if place < buffer.count {
            skipped = nil
            return .record(take(to: place + 1, .failure(fault)))
        }
        guard hasEnded else {
            skipped = fault
            offset += Int64(place - position)
            position = place
            return .needsMore
        }
        skipped = nil
        return .record(take(to: place, .failure(fault)))
    }

    private mutating func take(to place: Int, _ fields: Result<[[UInt8]], Fault>) -> Record {
        var breaks: Int64 = 0
        for index in position..<place where buffer[index] == 0x0A { breaks += 1 }
        // The last line may have no break.
        let nextLine = line + max(breaks, 1)
        offset += Int64(place - position)
        position = place
        defer { line = nextLine }
        return Record(line: line, nextLine: nextLine, endOffset: offset, fields: fields)
    }
}
