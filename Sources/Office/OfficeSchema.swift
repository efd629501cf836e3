import Cryptography
package import Database

/// The numbered migrations of the service's own tables, built into the program.
package enum OfficeSchema {
    /// In their order; a file is never edited after it has landed.
    package static func migrations() throws(MigrationFault) -> Migrations {
        try Migrations(
            [
                Migration(
                    version: 1,
                    name: "ground_floor",
                    sql: String(decoding: PackageResources._001_ground_floor_sql, as: UTF8.self)
                ),
                Migration(
                    version: 2,
                    name: "evidence_log",
                    sql: String(decoding: PackageResources._002_evidence_log_sql, as: UTF8.self)
                ),
            ],
            digest: { Digest.sha256.hash($0) }
        )
    }
}
