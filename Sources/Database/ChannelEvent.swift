/// What a listener is told.
package enum ChannelEvent: Hashable, Sendable {
    /// LISTEN is in force, for the first time or after a lost connection: read the truth again, hints may be missing.
    case listening
    /// Somebody has sent NOTIFY with this payload. A hint: the truth is in the tables.
    case hint(String)
}
