/// One step of the schema: a numbered file of SQL. Files are never edited, only added.
package struct Migration: Sendable {
    /// The file's number, from 1 without a gap.
    package let version: Int
    /// The file's name, such as `0001_cards.sql`.
    package let name: String

    let statements: String

    /// A step from a file's text. Line ends are brought to LF before the text is hashed or run.
    package init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        // CR LF is one Character, which equals neither of its parts.
        statements = String(sql.map { $0 == "\r\n" || $0 == "\r" ? "\n" : $0 })
    }

    /// A first line `-- no-transaction` takes the file out of its transaction, for `CREATE INDEX CONCURRENTLY`. Such a
    /// file holds one statement that may be repeated: it may have run without being noted.
    var isTransactional: Bool {
        statements.prefix { $0 != "\n" }.trimmingPrefix("--").filter { $0 != " " } != "no-transaction"
    }
}
