/// 导入中止 Why a whole file was not taken, or not to its end. Refused lines are no fault: they stand in the report.
package enum ImportFault: Error, Hashable, Sendable {
    /// The file cannot be opened or read.
    case file(String)
    /// The report cannot be written.
    case report(String)
    /// The first line is not the names of the columns, each once.
    case columns(unknown: [String], missing: [String], repeated: [String])
    /// The C library cannot decode GB 18030.
    case encoding
    /// The service said no; what was committed before stays.
    case refused(Refusal)
}
