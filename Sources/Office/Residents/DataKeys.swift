package import Database

/// The data keys of residents, read from their rows.
package enum DataKeys {
    /// Opens the key of one resident; throws `.absent(.resident)` when there is no such row, `.erased` after erasure.
    package static func key(
        of resident: Int64,
        _ vault: ResidentVault,
        in transaction: borrowing Transaction
    ) async throws -> ResidentVault.DataKey {
        let row = try await transaction.maybe(
            "SELECT wrapped, kek_ver FROM resident_dek WHERE resident_id = \(resident)"
        )
        guard let row else { throw Refusal.absent(.resident) }
        return try vault.openKey(for: resident, wrapped: row.value("wrapped"), kekVersion: row.value("kek_ver"))
    }
}
