import Foundation
import TestSupport

/// The published files of `merkle/` and of the SM3 tree: where they lie, and how a proof file is read.
enum MerkleVectors {
    static var folder: URL? { Vectors.folder?.appendingPathComponent("merkle") }

    /// One proof file.
    struct ProofFile {
        let name: String
        private let members: [String: Any]

        init(_ url: URL) throws {
            name = url.path
            guard let members = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] else {
                throw Vectors.Fault.shape(url.path)
            }
            self.members = members
        }

        var isRefused: Bool { members["wantErr"] as? Bool ?? false }
        func number(_ name: String) -> UInt64 { (members[name] as? NSNumber)?.uint64Value ?? 0 }
        func hash(_ name: String) -> [UInt8] { Self.octets(members[name] as? String) }
        var path: [[UInt8]] { (members["proof"] as? [String] ?? []).map(Self.octets) }

        private static func octets(_ text: String?) -> [UInt8] {
            text.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
        }
    }

    /// Every proof file of a kind, in the order of their names; throws when their number is not the stated one.
    static func files(_ kind: String, count: Int) throws -> [ProofFile] {
        guard let folder else { return [] }
        let place = folder.appendingPathComponent("rfc6962/\(kind)")
        guard let walk = FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil) else { return [] }
        let urls = walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }
        guard urls.count == count else { throw Vectors.Fault.shape("\(kind): \(urls.count) files") }
        return try urls.sorted { $0.path < $1.path }.map(ProofFile.init)
    }

    static func octets(_ path: String) throws -> [UInt8] {
        guard let folder else { return [] }
        return Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }
}
