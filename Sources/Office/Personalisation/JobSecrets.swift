import CardEngine
import Cryptography
import Database
import Encodings
import Octets
import Policies

/// Draws up the plan of a job's card, or takes the one that was kept with it.
enum JobSecrets {
    /// The plan with what was proven so far, and the data key that seals it.
    static func load(
        _ job: RunningJob,
        csn: [UInt8],
        _ office: Office
    ) async throws -> (JobSecret, ResidentVault.DataKey) {
        let row = try await office.database.maybe(
            """
            SELECT c.resident_id, c.kind, c.number_enc, c.csn, k.wrapped, k.kek_ver, r.district, r.name_enc, r.document_enc,
                r.detail_enc, r.phone_enc, r.address_enc, r.photo_enc, j.secret_enc
            FROM card c JOIN resident r USING (resident_id) JOIN resident_dek k USING (resident_id)
                JOIN perso_job j USING (card_id)
            WHERE j.job_id = \(job.id)
            """
        )
        guard let row else { throw Refusal.absent(.card) }
        let key = try office.vault.openKey(
            for: row.value("resident_id"),
            wrapped: row.value("wrapped"),
            kekVersion: row.value("kek_ver")
        )
        let kept: [UInt8]? = try row.value("secret_enc")
        let boundTo: [UInt8]? = try row.value("csn")
        if let kept, boundTo == csn {
            let text = try office.vault.open(kept, table: "perso_job", column: "secret_enc", with: key)
            return (try JobSecret(JSONReader.read(text, sizeLimit: 262_144)), key)
        }
        guard boundTo == nil else { throw Refusal.conflict(.blankUsed) }
        let sealed: [UInt8] = try row.value("number_enc")
        let number = String(
            decoding: try office.vault.open(sealed, table: "card", column: "number_enc", with: key),
            as: UTF8.self
        )
        let plan = try plan(number, try office.vault.open(row, with: key), kind: row.value("kind"), csn: csn, office)
        return (JobSecret(plan: plan, memory: PersonalisationMemory()), key)
    }

    private static func plan(
        _ number: String,
        _ file: ResidentFile,
        kind: Int16,
        csn: [UInt8],
        _ office: Office
    ) throws -> PersonalisationPlan {
        let today = CivilTime(seconds: office.now.microseconds / 1_000_000)
        let lastYear = today.year + office.city.cardLifetimeYears
        // 29 February runs out on the 28th of a year that has none.
        let lastDay = CivilTime.days(year: lastYear, month: today.month, day: today.day) == nil ? 28 : today.day
        let month = today.compactDate.dropFirst(4).prefix(2)
        let expires = "\(lastYear)\(month)\(lastDay < 10 ? "0" : "")\(lastDay)"
        let content = CitizenFiles.Content(
            cardNumber: number,
            issuerCode: office.city.code,
            kind: UInt8(kind),
            issued: today.compactDate,
            expires: expires,
            reissue: 0,
            name: file.name,
            documentType: file.documentType,
            documentNumber: file.documentNumber,
            sex: file.sex,
            ethnicGroup: file.ethnicGroup,
            birth: file.birth,
            address: file.address,
            nationality: file.nationality,
            photo: file.photo
        )
        guard let from = CC1.bcd(today.compactDate), let to = CC1.bcd(expires), let code = CC1.bcd(office.city.code),
            let digits = CC1.bcd(number)
        else { throw Refusal.invalid(field: "date", .date) }
        let random = office.random
        func digit() -> UInt8 { UInt8(0x30 + random.number(below: 10)) }
        return PersonalisationPlan(
            csn: csn,
            cardNumber: digits,
            files: try CitizenFiles(content, random: random),
            transportPIN: (0..<6).map { _ in digit() } + [0xFF, 0xFF],
            unblockingKey: (0..<8).map { _ in digit() },
            issuerCode: code,
            validFrom: from,
            validTo: to,
            purseLimitFen: UInt32(office.city.purseLimitFen)
        )
    }
}
