import Foundation

/// 退回清单 The refused lines of an import as a CSV file: line, field, code, 原因, reason. No personal datum is in it.
///
/// The lines of a batch are on the disk before the batch is committed; what a crash left behind the last commit is cut
/// off at the next start, so that no line is lost or doubled.
final class ImportReport {
    static let header = "line,field,code,原因,reason\n"

    private let handle: FileHandle
    private let path: String
    private var end: UInt64 = 0

    /// Opens the report for lines from `nextLine` on; a fresh import begins it anew.
    init(_ path: String, nextLine: Int64, isFresh: Bool) throws(ImportFault) {
        let files = FileManager.default
        if isFresh || !files.fileExists(atPath: path) {
            let made = files.createFile(
                atPath: path,
                contents: Data(Self.header.utf8),
                attributes: [.posixPermissions: 0o600]
            )
            guard made else { throw .report(path) }
        }
        guard let handle = FileHandle(forUpdatingAtPath: path) else { throw .report(path) }
        self.handle = handle
        self.path = path
        do { end = try Self.end(of: handle, before: nextLine) } catch { throw .report(path) }
    }

    deinit { try? handle.close() }

    /// Puts lines behind those that are kept, in place of what an attempt before has put there.
    func write(_ refusals: [LineRefusal]) throws(ImportFault) {
        guard !refusals.isEmpty else { return }
        let text = refusals.map(\.csv).joined()
        do {
            try handle.truncate(atOffset: end)
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
        } catch { throw .report(path) }
        written = UInt64(text.utf8.count)
    }

    /// Keeps what was written last.
    func keep() {
        end += written
        written = 0
    }

    private var written: UInt64 = 0

    /// The offset behind the last whole line whose number is below `nextLine`.
    private static func end(of handle: FileHandle, before nextLine: Int64) throws -> UInt64 {
        var end: UInt64 = 0
        var place: UInt64 = 0
        var line: [UInt8] = []
        var isHeader = true
        while let data = try handle.read(upToCount: 65_536), !data.isEmpty {
            for octet in data {
                place += 1
                guard octet == 0x0A else {
                    if line.count < 20 { line.append(octet) }
                    continue
                }
                let number = Int64(String(decoding: line.prefix { $0 != 0x2C }, as: UTF8.self))
                guard isHeader || number.map({ $0 < nextLine }) ?? false else { return end }
                isHeader = false
                end = place
                line = []
            }
        }
        return end
    }
}
