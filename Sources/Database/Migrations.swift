/// Brings a schema up to date, as the owner role. The service's own role owns nothing and never runs this.
///
/// Two locks keep migrators apart: an advisory lock on a session of its own, and a row lock taken in each step's
/// transaction, which holds also where advisory locks do not exist.
package struct Migrations: Sendable {
    private let steps: [Migration]
    private let digest: @Sendable ([UInt8]) -> [UInt8]

    /// The steps in their order and the SHA-256 that fingerprints their text. Throws `gap` unless they count from 1.
    package init(
        _ steps: [Migration],
        digest: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) throws(MigrationFault) {
        for (index, step) in steps.enumerated() where step.version != index + 1 { throw .gap(missing: index + 1) }
        self.steps = steps
        self.digest = digest
    }

    /// Applies what is missing; the versions applied. Waits at most `patience` for another migrator.
    @discardableResult
    package func apply(
        to conninfo: String,
        patience: Duration = .seconds(60)
    ) async throws(MigrationFault) -> [Int] {
        do {
            return try await SystemThread.run { () throws(MigrationFault) -> [Int] in
                try applyBlocking(to: conninfo, patience: patience)
            }
        } catch let fault as MigrationFault {
            throw fault
        } catch let fault as DatabaseFault {
            throw .database(fault)
        } catch {
            throw .database(.unexpected("thread"))
        }
    }

    private func applyBlocking(to conninfo: String, patience: Duration) throws(MigrationFault) -> [Int] {
        let guardian = try MigrationSession(conninfo, lockTimeout: patience)
        try guardian.takeAdvisoryLock()
        let session = try MigrationSession(conninfo, lockTimeout: .seconds(5))
        try session.createTables()
        try check(try session.applied())
        var applied: [Int] = []
        // Read again after the lock was taken: another migrator may have done part of the work.
        let first = try session.applied().count
        for step in steps.dropFirst(first) {
            try session.apply(step, fingerprint: fingerprint(step))
            applied.append(step.version)
        }
        return applied
    }

    private func check(_ applied: [AppliedMigration]) throws(MigrationFault) {
        for (index, row) in applied.enumerated() {
            guard row.version == index + 1 else { throw .gap(missing: index + 1) }
            guard index < steps.count else { throw .newerDatabase(version: row.version) }
            guard row.name == steps[index].name, row.fingerprint == fingerprint(steps[index]) else {
                throw .edited(version: row.version, name: row.name)
            }
        }
    }

    private func fingerprint(_ step: Migration) -> [UInt8] { digest(Array(step.statements.utf8)) }
}
