/// A step as the database remembers it.
struct AppliedMigration {
    let version: Int
    let name: String
    let fingerprint: [UInt8]
}
