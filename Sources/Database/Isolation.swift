/// How far a transaction is kept from the others.
package enum Isolation: String, Sendable {
    /// Each statement sees what is committed when it begins: for single guarded statements.
    case readCommitted = "READ COMMITTED"
    /// The whole transaction sees one moment.
    case repeatableRead = "REPEATABLE READ"
    /// As if one after another: for rules over several rows; all writers of such a rule must use it.
    case serializable = "SERIALIZABLE"
}
