/// The fields of an error or notice that this module reads: the `PG_DIAG_` characters of libpq, which Swift does not
/// import. DETAIL and HINT are left out on purpose, they hold key values.
enum DiagnosticField: UInt8 {
    case severity = 0x56
    case sqlstate = 0x43
    case primaryMessage = 0x4D
    case tableName = 0x74
    case constraintName = 0x6E
    case sourceFunction = 0x52

    var code: Int32 { Int32(rawValue) }
}
