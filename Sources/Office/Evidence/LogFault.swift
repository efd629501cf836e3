/// 日志矛盾 What the log says of itself does not agree: nobody may go on writing until people have looked.
package enum LogFault: Error, Hashable, Sendable {
    /// The database holds less than what was signed before: an old backup was put back.
    case rolledBack(database: UInt64, signed: UInt64)
    /// One size, two roots.
    case forked(size: UInt64)
    /// The number of entries is not the size of the last checkpoint.
    case entries(found: UInt64, checkpoint: UInt64)
    /// The hashes at the right edge do not lead to the root of the last checkpoint.
    case root(size: UInt64)
    /// A signed note, or its copy, does not hold under the log's key, or is of another origin.
    case note(size: UInt64)
    /// The copy of the last checkpoint cannot be read as one.
    case copy
}
