import Evidence
package import HTTP
package import Office
import Octets

/// 存证日志 What anybody may read of the log: checkpoint and hash tiles at the paths of C2SP tlog-tiles, and the receipt of
/// an act for whoever has its number. Entry bundles are for auditors and are not served.
package enum LogRoutes {
    /// Everything under `/log`, and `/api/v1/receipts`.
    package static func routes(_ log: EvidenceLog) -> [Route] {
        [
            Route(.get, "/log/checkpoint", name: "showCheckpoint") { _, _ in
                guard let note = try await log.checkpoint() else { throw ProblemWords.problem(.absent(.entry)) }
                return .text(note).with("cache-control", "public, max-age=1")
            },
            Route(.get, "/log/tile/{path...}", name: "showTile") { _, parameters in
                guard case .hashes(let tile) = TilePath("tile/\(try parameters["path"])"),
                    let octets = try await log.tile(tile)
                else { throw ProblemWords.problem(.absent(.entry)) }
                return .octets(octets, mediaType: "application/octet-stream")
                    .with("cache-control", "public, max-age=31536000, immutable")
            },
            Route(.get, "/api/v1/receipts/{tx}", name: "showReceipt") { _, parameters in
                guard let tx = try? Hex.decode(try parameters["tx"]), tx.count == 16 else {
                    throw ProblemWords.problem(.absent(.entry))
                }
                switch try await log.receipt(tx) {
                case .receipt(let receipt):
                    return .octets(receipt.encoded, mediaType: "text/plain; charset=utf-8")
                        .with("cache-control", "no-store")
                case .pending:
                    return .json(Array(#"{"state":"pending"}"#.utf8), status: 202).with("retry-after", "1")
                        .with("cache-control", "no-store")
                case .absent: throw ProblemWords.problem(.absent(.entry))
                }
            },
        ]
    }
}
