/// Why the schema was not brought up to date. Steps before the failing one stay.
package enum MigrationFault: Error, Hashable, Sendable {
    /// The list, or the table of applied steps, lacks this version.
    case gap(missing: Int)
    /// A step that was applied has another text or name today.
    case edited(version: Int, name: String)
    /// The database has a step that this program does not know.
    case newerDatabase(version: Int)
    /// Another process is migrating and did not end in time.
    case locked
    /// A step contains BEGIN, COMMIT or ROLLBACK, or text that left its transaction.
    case transactionControl(version: Int, name: String)
    /// The server refused a step.
    case refused(version: Int, name: String, DatabaseFault)
    /// The database could not be asked.
    case database(DatabaseFault)
}
