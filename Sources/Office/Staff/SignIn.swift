import Cryptography
import Database
import KeyHierarchy
package import Octets
import Passwords

/// 员工登录 A member of staff signs in with password and one-time password.
package struct StaffSession: Sendable {
    package let caller: StaffCaller
    /// 32 random octets in base64url: the cookie or bearer value. Only its hash is stored.
    package let token: String
    /// Bound to the session: what a form must bring back.
    package let formToken: String

    /// The form token of a session's octets: made from them by a one-way function, so that a page can say it again and
    /// a page that leaks does not tell the session.
    package static func formToken(ofSession token: [UInt8]) -> [UInt8] {
        MessageAuthentication.hmac(.sha256, key: token, Array("citizen/form/v1".utf8))
    }
}

extension Office {
    private static let sessionSeconds: Int64 = 8 * 3600
    private static let idleSeconds: Int64 = 1800

    /// Opens a session. Unknown user, wrong password and wrong code cost the same and are told apart by nobody; after
    /// five failures the account waits 2^n seconds, at most 60.
    package func signIn(
        user: String,
        password: consuming SecretOctets,
        code: String,
        on workers: WorkerThreads
    ) async throws(Refusal) -> StaffSession {
        let box = SecretBox(password)
        do {
            let row = try await database.maybe(
                """
                SELECT staff_id, user_name, role, hall, password, totp_enc, totp_step, failures, blocked_until
                FROM staff WHERE user_name = \(user) AND state = 1
                """
            )
            let verifier = PasswordVerifier(text: try row?.value("password") ?? Self.noVerifier)
            let fits = try await workers.run { verifier.fits(box.secret) }
            guard let row else { throw Refusal.credentials as any Error }
            let caller = StaffCaller(
                id: try row.value("staff_id"),
                userName: try row.value("user_name"),
                role: try row.value("role"),
                hall: try row.value("hall")
            )
            return try await open(caller, row, passwordFits: fits, code: code)
        } catch let refusal as Refusal {
            throw refusal
        } catch let fault as DatabaseFault {
            throw Refusal(fault)
        } catch { throw .unavailable(.keys) }
    }

    private func open(
        _ caller: StaffCaller,
        _ row: Row,
        passwordFits: Bool,
        code: String
    ) async throws -> StaffSession {
        let now = now
        let seconds = now.microseconds / 1_000_000
        let blocked: Timestamp? = try row.value("blocked_until")
        if let blocked, now < blocked { throw Refusal.blocked(untilSeconds: blocked.microseconds / 1_000_000) }
        let secret = try staffSecret(caller.id, try row.value("totp_enc"))
        let step = TimePassword.step(of: code, secret: secret, seconds: seconds, after: try row.value("totp_step"))
        let token = random.octets(32)
        let formToken = StaffSession.formToken(ofSession: token)
        let room = room(for: .staff(caller))
        let opened: StaffSession? = try await database.transaction { transaction in
            // Guesses that came at the same moment wait here for each other, so that each of them counts.
            let blocked: Timestamp? = try await transaction.one(
                "SELECT blocked_until FROM staff WHERE staff_id = \(caller.id) FOR UPDATE"
            ).value("blocked_until")
            if let blocked, now < blocked { throw Refusal.blocked(untilSeconds: blocked.microseconds / 1_000_000) }
            guard passwordFits, let step else {
                try await transaction.execute(
                    """
                    UPDATE staff SET failures = failures + 1, blocked_until = \(Timestamp(seconds: seconds))
                        + make_interval(secs => CASE WHEN failures < 4 THEN 0 ELSE least(2 ^ least(failures - 3, 6), 60) END)
                    WHERE staff_id = \(caller.id)
                    """
                )
                try await self.note(.refused, "login", Entry(object: "staff"), room, in: transaction)
                return nil
            }
            let used = try await transaction.execute(
                """
                UPDATE staff SET failures = 0, blocked_until = NULL, totp_step = \(step)
                WHERE staff_id = \(caller.id) AND totp_step < \(step)
                """
            )
            guard used == 1 else { return nil }
            try await transaction.execute(
                """
                INSERT INTO staff_session (session_hash, staff_id, csrf_hash, started_at, seen_at, expires_at)
                VALUES (\(Digest.sha256.hash(token)), \(caller.id), \(Digest.sha256.hash(formToken)), \(now), \(now),
                    \(Timestamp(seconds: seconds + Self.sessionSeconds)))
                """
            )
            try await self.note(.done, "login", Entry(object: "staff"), room, in: transaction)
            return StaffSession(
                caller: caller,
                token: Base64.encode(token, .url),
                formToken: Base64.encode(formToken, .url)
            )
        }
        guard let opened else { throw Refusal.credentials }
        return opened
    }

    /// The caller of a session; refused when it is unknown, ended, idle for half an hour, or its holder was stopped.
    package func session(token: String) async throws(Refusal) -> (caller: StaffCaller, formTokenHash: [UInt8]) {
        guard let octets = try? Base64.decode(token, .url), octets.count == 32 else { throw .credentials }
        let hash = Digest.sha256.hash(octets)
        let now = now
        let idleLimit = Timestamp(microseconds: now.microseconds - Self.idleSeconds * 1_000_000)
        do throws(DatabaseFault) {
            let row = try await database.maybe(
                """
                SELECT s.staff_id, s.user_name, s.role, s.hall, t.csrf_hash, t.seen_at
                FROM staff_session t JOIN staff s USING (staff_id)
                WHERE t.session_hash = \(hash) AND t.expires_at > \(now) AND t.seen_at > \(idleLimit) AND s.state = 1
                """
            )
            guard let row else { throw DatabaseFault.noRow }
            let seen: Timestamp = try row.value("seen_at")
            if now.microseconds - seen.microseconds > 60_000_000 {
                try await database.execute("UPDATE staff_session SET seen_at = \(now) WHERE session_hash = \(hash)")
            }
            let caller = StaffCaller(
                id: try row.value("staff_id"),
                userName: try row.value("user_name"),
                role: try row.value("role"),
                hall: try row.value("hall")
            )
            return (caller, try row.value("csrf_hash"))
        } catch {
            guard error == .noRow else { throw Refusal(error) }
            throw .credentials
        }
    }

    /// Ends a session at once.
    package func signOut(token: String) async throws(Refusal) {
        guard let octets = try? Base64.decode(token, .url) else { return }
        do throws(DatabaseFault) {
            try await database.execute("DELETE FROM staff_session WHERE session_hash = \(Digest.sha256.hash(octets))")
        } catch { throw Refusal(error) }
    }

    private func staffSecret(_ staff: Int64, _ sealed: [UInt8]) throws -> [UInt8] {
        let name = try keys.current("kek.pii").name
        return try unsafe keys.open(name, associated: Self.staffPlace(staff), sealed).withUnsafeOctets {
            unsafe Array($0)
        }
    }

    private static func staffPlace(_ staff: Int64) -> [UInt8] {
        Array("citizen/totp/v1".utf8) + [0] + staff.bigEndianOctets
    }

    /// Verifies nothing; spends the time that a real one costs.
    private static let noVerifier =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}

/// Carries a secret into a worker's closure; the secret itself cannot be copied.
private final class SecretBox: Sendable {
    let secret: SecretOctets
    init(_ secret: consuming SecretOctets) { self.secret = secret }
}
