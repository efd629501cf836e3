package import Database
package import KeyHierarchy

/// 密钥登记簿 The rows of `key_version`: everything about a key but the key.
package enum KeyRegister {
    /// Every record, parents before their children.
    package static func records(in database: Database) async throws -> [KeyRecord] {
        let rows = try await database.all(
            """
            SELECT purpose, version, algorithm, custody, state, check_value, point, wrapped, active_days, usable_days
            FROM key_version ORDER BY wrapped IS NOT NULL, created_at, purpose, version
            """
        )
        return try rows.map(record)
    }

    private static func record(_ row: Row) throws -> KeyRecord {
        let version: Int32 = try row.value("version")
        let algorithm: String = try row.value("algorithm")
        let custody: String = try row.value("custody")
        let state: String = try row.value("state")
        let check: [UInt8]? = try row.value("check_value")
        let active: Int32 = try row.value("active_days")
        let usable: Int32 = try row.value("usable_days")
        guard let algorithm = KeyAlgorithm(rawValue: algorithm), let custody = CustodyLabel(rawValue: custody),
            let state = KeyRecord.State(rawValue: state)
        else { throw Refusal.unavailable(.keys) }
        return KeyRecord(
            name: try KeyName(try row.value("purpose"), version: UInt32(version)),
            algorithm: algorithm,
            custody: custody,
            state: state,
            checkValue: check.map { KeyCheckValue(octets: $0) },
            point: try row.value("point"),
            block: try row.value("wrapped"),
            activeDays: Int(active),
            usableDays: Int(usable)
        )
    }

    /// Writes a fresh record in the transaction of its act.
    static func insert(_ record: KeyRecord, _ room: ActRoom, in transaction: borrowing Transaction) async throws {
        try await transaction.execute(
            """
            INSERT INTO key_version (purpose, version, algorithm, custody, state, check_value, point, wrapped, active_days,
                usable_days, created_at, evidence_tx)
            VALUES (\(record.name.purpose), \(Int32(record.name.version)), \(record.algorithm.rawValue),
                \(record.custody.rawValue), \(record.state.rawValue), \(record.checkValue?.octets), \(record.point),
                \(record.block), \(Int32(record.activeDays)), \(Int32(record.usableDays)), \(room.now), \(room.tx))
            """
        )
    }
}
