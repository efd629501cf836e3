/// The statements prepared on one connection; the least recently used one makes room.
struct StatementCache {
    struct Key: Hashable {
        let text: String
        let types: [UInt32]

        init(_ query: Query) {
            text = query.text
            types = query.binds.map(\.oid)
        }
    }

    private struct Entry {
        let name: String
        var lastUse: Int
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var clock = 0
    private var nextNumber = 0
    /// Names that the server still holds but nobody uses; freed between jobs.
    private(set) var dropped: [String] = []

    init(limit: Int) { self.limit = max(limit, 1) }

    /// The name under which the statement is prepared, nil when it is not.
    mutating func name(of key: Key) -> String? {
        clock += 1
        entries[key]?.lastUse = clock
        return entries[key]?.name
    }

    /// A name never used before on this connection.
    mutating func freshName() -> String {
        nextNumber += 1
        return "s\(nextNumber)"
    }

    /// Remembers a prepared statement.
    mutating func insert(_ key: Key, name: String) {
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            forget(oldest.key)
        }
        clock += 1
        entries[key] = Entry(name: name, lastUse: clock)
    }

    /// Drops a statement that the server has lost or no longer accepts.
    mutating func forget(_ key: Key) {
        if let entry = entries.removeValue(forKey: key) { dropped.append(entry.name) }
    }

    /// Drops all statements.
    mutating func forgetAll() {
        dropped += entries.values.map(\.name)
        entries = [:]
    }

    /// Hands over the names to be freed.
    mutating func takeDropped() -> [String] {
        defer { dropped = [] }
        return dropped
    }
}
