import CardEngine
import Database
import Octets
import Policies
import Purses

/// The rows of a load while a desk works on it.
enum LoadRows {
    /// The card holds more than the account says: no load before that is explained.
    struct AboveLedger: Error {}

    /// The machine of a job's load, with the attempt that was sent when there was one.
    static func machine(
        _ job: RunningJob,
        csn: [UInt8],
        keys: CardKeys,
        _ office: Office
    ) async throws -> PurseLoad {
        let row = try await office.database.maybe(
            """
            SELECT l.amount_fen, l.terminal, l.state, l.online_seq, l.random, l.balance_before, l.key_version, l.suite, l.moment,
                c.resident_id, c.number_enc, k.wrapped, k.kek_ver
            FROM purse_load l JOIN card c USING (card_id) JOIN resident_dek k USING (resident_id)
            WHERE l.job_id = \(job.id) AND l.state IN ('RESERVED', 'SENT')
            """
        )
        guard let row else { throw Refusal.conflict(.jobState("no open load")) }
        let key = try office.vault.openKey(
            for: row.value("resident_id"),
            wrapped: row.value("wrapped"),
            kekVersion: row.value("kek_ver")
        )
        let sealed: [UInt8] = try row.value("number_enc")
        let digits = try office.vault.open(sealed, table: "card", column: "number_enc", with: key)
        guard let number = CC1.bcd(String(decoding: digits, as: UTF8.self)) else {
            throw Refusal.unavailable(.database)
        }
        let amount: Int64 = try row.value("amount_fen")
        return PurseLoad(
            amountFen: UInt32(truncatingIfNeeded: amount),
            terminal: try row.value("terminal"),
            csn: csn,
            cardNumber: number,
            moment: PurseMoment(CivilTime(seconds: office.now.seconds)),
            keys: keys,
            sent: try row.value("state") == "SENT" ? try attempt(row) : nil
        )
    }

    /// 终端机编号 A desk's number in the codes of the loads that are begun there.
    static func terminal(of desk: String) -> [UInt8] {
        // FNV-1a, 48 bits: a name for the card's record, not a secret.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in desk.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
        return Array((hash ^ hash >> 48).bigEndianOctets.suffix(6))
    }

    /// 意向 Before CREDIT leaves: what was sent, and what the card proved of itself.
    static func sent(_ attempt: PurseLoad.Attempt, _ job: RunningJob, _ office: Office) async throws {
        let now = office.now
        let balance = Int64(attempt.balanceFen)
        try await office.database.transaction { transaction in
            let account = try await PurseAccount.find(job.card, in: transaction)
            guard let account, balance <= account.balanceFen else { throw AboveLedger() }
            try await transaction.execute(
                "UPDATE purse SET proven_fen = \(balance), proven_at = \(now) WHERE card_id = \(job.card)"
            )
            let touched = try await transaction.execute(
                """
                UPDATE purse_load SET state = 'SENT', online_seq = \(Int32(attempt.sequence)), random = \(attempt.random),
                    balance_before = \(balance), key_version = \(Int16(attempt.keyVersion)),
                    suite = \(Int16(attempt.suite.rawValue)), moment = \(attempt.moment.description), updated_at = \(now)
                FROM perso_job j
                WHERE purse_load.job_id = \(job.id) AND purse_load.state IN ('RESERVED', 'SENT')
                    AND j.job_id = purse_load.job_id AND j.fence = \(job.fence) AND j.state = 'RUNNING'
                """
            )
            guard touched == 1 else { throw Refusal.conflict(.jobState("taken over")) }
        }
    }

    private static func attempt(_ row: Row) throws -> PurseLoad.Attempt {
        let sequence: Int32 = try row.value("online_seq")
        let balance: Int64 = try row.value("balance_before")
        let version: Int16 = try row.value("key_version")
        let suite: Int16 = try row.value("suite")
        let moment: String = try row.value("moment")
        guard let suite = PurseSuite(rawValue: UInt8(truncatingIfNeeded: suite)), let moment = PurseMoment(moment)
        else {
            throw Refusal.unavailable(.database)
        }
        return PurseLoad.Attempt(
            sequence: UInt16(truncatingIfNeeded: sequence),
            random: try row.value("random"),
            balanceFen: UInt32(truncatingIfNeeded: balance),
            keyVersion: UInt8(truncatingIfNeeded: version),
            suite: suite,
            moment: moment
        )
    }
}
