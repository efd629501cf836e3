import Cryptography
import Encodings
import Foundation

/// 导入文件 The file of an import, read from a place on in batches of whole lines. One thread uses it.
final class ImportSource: @unchecked Sendable {
    // Used by the reading thread alone, one call after the other.
    private let handle: FileHandle
    private let path: String
    private var reader: CSVReader
    private var pending: CSVReader.Record?

    /// Octets read at once.
    private static let piece = 131_072

    /// Some lines that follow each other.
    struct Batch: Sendable {
        let records: [CSVReader.Record]
        /// Where this one begins.
        let fromLine: Int64
        /// Where the next batch begins.
        let endOffset: Int64
        let nextLine: Int64
        /// Nothing follows.
        let isLast: Bool
    }

    /// Opens the file between two lines.
    init(_ path: String, offset: Int64, line: Int64) throws(ImportFault) {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw .file(path) }
        do { try handle.seek(toOffset: UInt64(offset)) } catch { throw .file(path) }
        self.handle = handle
        self.path = path
        reader = CSVReader(offset: offset, line: line)
    }

    deinit { try? handle.close() }

    /// The next record; nil at the end.
    func record() throws(ImportFault) -> CSVReader.Record? {
        if let record = pending {
            pending = nil
            return record
        }
        while true {
            switch reader.next() {
            case .record(let record): return record
            case .end: return nil
            case .needsMore:
                do {
                    guard let data = try handle.read(upToCount: Self.piece), !data.isEmpty else {
                        reader.finish()
                        continue
                    }
                    reader.feed([UInt8](data))
                } catch { throw .file(path) }
            }
        }
    }

    /// The next lines, `limit` at most; `offset` and `line` say where they begin.
    func batch(limit: Int, offset: Int64, line: Int64) throws(ImportFault) -> Batch {
        var records: [CSVReader.Record] = []
        records.reserveCapacity(limit)
        while records.count < limit, let record = try record() { records.append(record) }
        // Looked at one record ahead, so that the last batch is known as such.
        pending = try record()
        return Batch(
            records: records,
            fromLine: line,
            endOffset: records.last?.endOffset ?? offset,
            nextLine: records.last?.nextLine ?? line,
            isLast: pending == nil
        )
    }

    /// The SHA-256 of a whole file, its size, and how its text is written.
    static func survey(_ path: String) throws -> (digest: [UInt8], size: Int64, encoding: TextEncoding) {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw ImportFault.file(path) }
        defer { try? handle.close() }
        let digest = try RunningDigest(.sha256)
        var size: Int64 = 0
        var sample: [UInt8] = []
        do {
            while let data = try handle.read(upToCount: Self.piece), !data.isEmpty {
                let octets = [UInt8](data)
                try digest.update(octets)
                size += Int64(octets.count)
                if sample.count < 1_048_576 { sample += octets }
            }
        } catch { throw ImportFault.file(path) }
        return (try digest.finish(), size, TextEncoding(sample: sample, isWhole: size == Int64(sample.count)))
    }
}
