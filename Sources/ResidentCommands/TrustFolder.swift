import Evidence
import FoundationEssentials

/// 信任文件 The public keys that a verifier believes: `--trust DIR`, `CITIZEN_TRUST`, or the anchors of `CITIZEN_HOME`.
struct TrustFolder {
    let path: String

    init(named path: String?, environment: [String: String]) {
        let home = environment["CITIZEN_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? ".citizen"
        let chosen = path ?? environment["CITIZEN_TRUST"].flatMap { $0.isEmpty ? nil : $0 }
        self.path = chosen ?? "\(home)/keys/anchors"
    }

    /// The log's keys, one a line in `evidence.vkey`; none when there is no such file. A line that is no key throws.
    func logKeys() throws -> [VerifierKey] {
        guard let data = FileManager.default.contents(atPath: "\(path)/evidence.vkey") else { return [] }
        return try String(decoding: data, as: UTF8.self).split(separator: "\n")
            .map { line throws(VerifierKey.Fault) in try VerifierKey(String(line)) }
    }
}
