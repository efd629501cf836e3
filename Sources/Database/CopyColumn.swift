/// A column that COPY fills.
struct CopyColumn: Sendable {
    let name: String
    let oid: UInt32

    /// COPY BINARY converts nothing: the value must have the column's own type. Texts share one form; types of our own
    /// schema (enum, domain) are left to the server's judgement.
    func accepts(_ other: UInt32) -> Bool {
        oid == other || oid >= TypeOID.firstOwn || (TypeOID.texts.contains(oid) && other == TypeOID.text)
    }
}
