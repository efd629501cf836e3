import CPKCS11
import Cryptography
package import KeyHierarchy
package import Octets

/// 令牌保管 Keys in a PKCS #11 token: they go in or are made there once, and are used by handle.
///
/// A call that finds its session, login or handle dead logs in once, finds the key again and tries once more. A wrong
/// PIN is tried once and then never again by this object (`.pinRefused`): real devices erase themselves after a few.
/// One object a process, since login and handles belong to the process. (PKCS #11 v2.40; security review, attacks 1-8.)
package final class TokenCustody: KeyCustody {
    package let label = CustodyLabel.token
    let settings: TokenSettings
    private let module: TokenModule
    private let pool = SessionPool()
    private let keys = Lock(Known())
    // Held while a name is looked for and then made, so that two threads cannot both make it.
    private let making = Lock(())

    /// The handles found under one login.
    private struct Known {
        var login: UInt64 = 0
        var keys: [KeyName: TokenKey] = [:]
    }

    /// Opens the module, finds the token by label and serial number, logs in.
    ///
    /// Throws `.unreachable` (module, token, PIN file or a missing mechanism, named) or `.pinRefused`.
    package init(_ settings: TokenSettings) throws(CustodyFault) {
        guard (1...64).contains(settings.sessions) else { throw .unreachable("sessions must be 1 to 64") }
        self.settings = settings
        module = try TokenModule(path: settings.modulePath)
        try logIn(after: 0)
    }

    deinit { pool.closeAll() }

    package func bring(
        _ name: KeyName,
        _ algorithm: KeyAlgorithm,
        _ secret: borrowing SecretOctets
    ) throws(CustodyFault) {
        guard let profile = ObjectProfile.secret(algorithm, settings.vendor), secret.count == profile.valueOctets else {
            throw .notAllowed(name, algorithm == .p256 ? .sign : .derive)
        }
        let value = secret.duplicate()
        try making.with { _ throws(CustodyFault) in
            try use { session, _ throws(TokenRefusal) in
                guard try TokenKey.isFree(name, session) else { throw TokenRefusal.taken }
                let template = profile.template(name)
                unsafe value.withUnsafeOctets { octets in _ = unsafe template.add(UInt(CKA_VALUE), octets) }
                _ = try session.create(template)
            } refused: { refusal in
                refusal == .taken ? .exists(name) : refusal.fault
            }
        }
    }

    package func makePair(_ name: KeyName) throws(CustodyFault) -> [UInt8] {
        try making.with { _ throws(CustodyFault) in
            try use { session, _ throws(TokenRefusal) in
                guard try TokenKey.isFree(name, session) else { throw TokenRefusal.taken }
                let pair = try session.makePair(
                    settings.vendor.ecKeyPairGeneration,
                    publicKey: ObjectProfile.publicKey.template(name).add(UInt(CKA_EC_PARAMS), TokenKey.curve),
                    privateKey: ObjectProfile.privateKey(settings.vendor).template(name)
                )
                guard let point = try TokenKey.point(of: pair.publicKey, session) else { throw TokenRefusal.noPoint }
                return point
            } refused: { refusal in
                refusal == .taken ? .exists(name) : refusal.fault
            }
        }
    }

    package func point(_ name: KeyName) throws(CustodyFault) -> [UInt8]? {
        try use(name) { key, _ throws(TokenRefusal) in key.point }
    }

    package func sign(_ name: KeyName, digest: [UInt8]) throws(CustodyFault) -> [UInt8] {
        guard digest.count == 32 else { throw .notAllowed(name, .sign) }
        return try use(name, .p256, .sign) { key, session throws(TokenRefusal) in
            try session.sign(settings.vendor.ecdsa, key: key.handle, digest)
        }
    }

    package func cmac(_ name: KeyName, _ message: [UInt8]) throws(CustodyFault) -> [UInt8] {
        try use(name, .aes128, .derive) { key, session throws(TokenRefusal) in
            try session.sign(settings.vendor.aesCMAC, key: key.handle, message)
        }
    }

    package func seal(
        _ name: KeyName,
        nonce: [UInt8],
        associated: [UInt8],
        _ secret: borrowing SecretOctets
    ) throws(CustodyFault) -> [UInt8] {
        guard nonce.count == SealedBox.nonceLength else { throw .notAllowed(name, .wrap) }
        let clear = secret.duplicate()
        return try use(name, .aes256, .wrap) { key, session throws(TokenRefusal) in
            try session.encrypt(
                settings.vendor.aesGCM,
                key: key.handle,
                nonce: nonce,
                associated: associated,
                clear
            )
        }
    }

    package func open(
        _ name: KeyName,
        nonce: [UInt8],
        associated: [UInt8],
        _ sealed: [UInt8]
    ) throws(CustodyFault) -> SecretOctets {
        guard nonce.count == SealedBox.nonceLength, sealed.count > 16 else { throw .altered(name) }
        return try use(name, .aes256, .unwrap) { key, session throws(TokenRefusal) in
            try session.decrypt(
                settings.vendor.aesGCM,
                key: key.handle,
                nonce: nonce,
                associated: associated,
                sealed
            )
        }
    }

    /// Runs a call with a key found by name, of a given algorithm where the call needs one.
    private func use<Answer: ~Copyable>(
        _ name: KeyName,
        _ algorithm: KeyAlgorithm? = nil,
        _ usage: KeyUsage? = nil,
        _ body: (TokenKey, TokenSession) throws(TokenRefusal) -> Answer
    ) throws(CustodyFault) -> Answer {
        try use { session, login throws(TokenRefusal) in
            let key = try key(name, session, login)
            if let algorithm, key.algorithm != algorithm { throw TokenRefusal.wrongUse }
            return try body(key, session)
        } refused: { refusal in
            switch refusal {
            case .absent: .absent(name)
            case .ambiguous: .altered(name)
            // A decryption that fails says so with many numbers: 0x05, 0x40 and others. Each means refused.
            case _ where refusal.operation == "Decrypt": .altered(name)
            case _ where refusal == .wrongUse || refusal.isUseRefusal:
                usage.map { .notAllowed(name, $0) } ?? refusal.fault
            default: refusal.fault
            }
        }
    }

    /// Runs a call in a session; once more after a new login when the ground was lost.
    func use<Answer: ~Copyable>(
        _ body: (TokenSession, UInt64) throws(TokenRefusal) -> Answer,
        refused: (TokenRefusal) -> CustodyFault
    ) throws(CustodyFault) -> Answer {
        var isSecondTry = false
        while true {
            let lease: SessionPool.Lease
            switch try pool.lend() {
            case .lease(let lent): lease = lent
            case .noLogin(let login):
                try logIn(after: login)
                continue
            }
            do throws(TokenRefusal) {
                let answer = try body(lease.session, lease.login)
                pool.giveBack(lease)
                return answer
            } catch {
                // Some modules answer a lost token with GENERAL_ERROR: a look at the session itself decides.
                let isLost = error.isLostGround || !lease.session.isGood
                pool.giveBack(lease)
                guard isLost else { throw refused(error) }
                guard !isSecondTry else { throw .unreachable("the token is lost again and again") }
                isSecondTry = true
                try logIn(after: lease.login)
            }
        }
    }

    private func key(_ name: KeyName, _ session: TokenSession, _ login: UInt64) throws(TokenRefusal) -> TokenKey {
        let known = keys.with { keys in keys.login == login ? keys.keys[name] : nil }
        if let known { return known }
        let key = try TokenKey.find(name, session)
        keys.with { keys in
            if keys.login < login { keys = Known(login: login) }
            if keys.login == login { keys.keys[name] = key }
        }
        return key
    }

    /// Makes all sessions anew, if nobody else did since; counts the slots anew when the token is not found.
    private func logIn(after failed: UInt64) throws(CustodyFault) {
        let settings = settings
        let module = module
        try pool.recover(from: failed) { old throws(CustodyFault) in
            for session in old { session.close() }
            return try TokenLogin(module: module, settings: settings).sessions()
        }
    }
}
