import Cryptography
package import Database

/// The numbered migrations of the service's own tables, built into the program.
package enum OfficeSchema {
    /// In their order; a file is never edited after it has landed.
    package static func migrations() throws(MigrationFault) -> Migrations {
        // The order of this list is the order of the versions.
        let files: [(name: String, sql: [UInt8])] = [
            ("ground_floor", PackageResources._001_ground_floor_sql),
            ("evidence_log", PackageResources._002_evidence_log_sql),
            ("purse", PackageResources._003_purse_sql),
        ]
        let steps = files.enumerated().map { index, file in
            Migration(version: index + 1, name: file.name, sql: String(decoding: file.sql, as: UTF8.self))
        }
        return try Migrations(steps, digest: { Digest.sha256.hash($0) })
    }
}
