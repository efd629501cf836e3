import CommandLine
import Evidence
import FoundationEssentials
package import Office

/// The log as static files, at the paths of C2SP tlog-tiles.
package struct LogFiles {
    private let folder: String
    private let log: EvidenceLog

    /// Files of this log below a folder.
    package init(folder: String, log: EvidenceLog) {
        self.folder = folder
        self.log = log
    }

    /// Tiles and bundles of a size, then the checkpoint: who reads the folder meanwhile never finds one without the other.
    package func write(_ head: ExportLog.Answer, key: String) async throws {
        var size = head.size
        for level in 0... {
            guard size > 0 else { break }
            for number in 0..<(size + 255) / 256 {
                let width = Int(min(size - number * 256, 256))
                guard let tile = Tile(level: level, number: number, width: width),
                    let octets = try await log.tile(tile)
                else { throw missing(TilePath.entries(number: number, width: width).text) }
                try put(TilePath.hashes(tile).text, octets)
                guard level == 0 else { continue }
                let path = TilePath.entries(number: number, width: width).text
                guard let bundle = try await log.bundle(number, width: width) else { throw missing(path) }
                try put(path, bundle)
            }
            size /= 256
        }
        try put("evidence.vkey", Array((key + "\n").utf8))
        try put("checkpoint", Array(head.note.utf8))
    }

    private func put(_ path: String, _ octets: [UInt8]) throws {
        let url = URL(filePath: folder).appending(path: path)
        do {
            try FileManager.default.createDirectory(
                atPath: url.deletingLastPathComponent().path,
                withIntermediateDirectories: true
            )
            try Data(octets).write(to: url, options: [.atomic])
        } catch { throw CommandFault.unreachable(Text(zh: "无法写入 \(url.path)", en: "cannot write \(url.path)")) }
    }

    private func missing(_ path: String) -> CommandFault {
        .refused(Text(zh: "日志缺少 \(path)", en: "the log lacks \(path)"))
    }
}
