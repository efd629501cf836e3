/// What a transaction may do.
package enum TransactionAccess: String, Sendable {
    case readWrite = "READ WRITE"
    case readOnly = "READ ONLY"
}
