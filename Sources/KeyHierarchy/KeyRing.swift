package import Cryptography
import Encodings
package import Octets

/// 密钥环 The keys of one running service: makes them by the hierarchy, opens the wrapped ones once, and lends their
/// use by purpose. It gives out signatures, MACs and derived card keys, never a master.
package final class KeyRing: Sendable {
    /// Why a use was refused.
    package enum Fault: Error, Hashable, Sendable {
        case unknownClass(String)
        case notAllowed(KeyName, KeyUsage)
        case absent(String)
        case notActive(KeyName, KeyRecord.State)
        case differs(KeyName, member: String)
        case custody(CustodyFault)
        case cryptography(CryptographyFault)
    }

    package let hierarchy: Hierarchy
    private let custody: any KeyCustody
    private let random: any RandomSource
    private let ring = Lock(Ring())

    private struct Ring {
        var records: [KeyName: KeyRecord] = [:]
        var opened: [KeyName: Opened] = [:]
        /// The newest active version of each purpose.
        var current: [String: KeyRecord] = [:]
        /// Classes found before: the patterns need not be compared at each use.
        var classes: [String: Hierarchy.KeyClass] = [:]
    }

    /// A wrapped key in the clear; wiped with its last owner.
    final class Opened: Sendable {
        let secret: SecretOctets
        init(_ secret: consuming SecretOctets) { self.secret = secret }
    }

    package init(hierarchy: Hierarchy, custody: any KeyCustody, random: any RandomSource) {
        self.hierarchy = hierarchy
        self.custody = custody
        self.random = random
    }

    /// Every record known, by name.
    package var records: [KeyRecord] {
        ring.with { Array($0.records.values) }.sorted { $0.name.description < $1.name.description }
    }

    /// Makes a key of its class. The caller writes the record down before anything is done with the key.
    package func make(_ name: KeyName) throws(Fault) -> KeyRecord {
        let keyClass = try keyClass(name)
        guard let length = keyClass.algorithm.secretLength else { return try makePair(name, keyClass) }
        return try receive(name, random.secret(length))
    }

    /// Takes a key that was made elsewhere, such as the transport master of a lot of blank cards from its maker.
    package func receive(_ name: KeyName, _ secret: borrowing SecretOctets) throws(Fault) -> KeyRecord {
        let keyClass = try keyClass(name)
        let isHeld = keyClass.custody.contains(custody.label == .token ? .pkcs11 : .file)
        guard secret.count == keyClass.algorithm.secretLength else { throw .differs(name, member: "length") }
        let checkValue = KeyCheckValue.stored(keyClass.algorithm, secret)
        var block: [UInt8]?
        do throws(CustodyFault) {
            if isHeld {
                try custody.bring(name, keyClass.algorithm, secret)
            } else {
                block = try wrapped(name, keyClass, secret, checkValue)
            }
        } catch { throw .custody(error) }
        let record = KeyRecord(
            name: name,
            algorithm: keyClass.algorithm,
            custody: isHeld ? custody.label : .wrapped,
            state: .active,
            checkValue: checkValue,
            point: keyClass.algorithm == .ed25519 ? try? PrivateKey(ed25519Seed: secret).publicKey.ed25519 : nil,
            block: block,
            activeDays: keyClass.activeDays,
            usableDays: keyClass.usableDays
        )
        try adopt(record)
        return record
    }

    /// Takes a record from the register; opens its block. A block whose header differs from the record is refused.
    package func adopt(_ record: KeyRecord) throws(Fault) {
        let keyClass = try keyClass(record.name)
        guard record.algorithm == keyClass.algorithm else { throw .differs(record.name, member: "algorithm") }
        var opened: Opened?
        if let octets = record.block, record.state != .destroyed {
            guard let block = try? KeyBlock(octets) else { throw .differs(record.name, member: "block") }
            guard block.name == record.name else { throw .differs(record.name, member: "name") }
            guard block.algorithm == record.algorithm else { throw .differs(record.name, member: "algorithm") }
            guard block.usages == keyClass.usages else { throw .differs(record.name, member: "usage") }
            guard keyClass.parent == block.parent.purpose else { throw .differs(record.name, member: "parent") }
            guard block.checkValue == record.checkValue else { throw .differs(record.name, member: "check value") }
            let secret: SecretOctets
            do throws(CustodyFault) {
                secret = try custody.open(block.parent, nonce: block.nonce, associated: block.header, block.sealed)
            } catch { throw .custody(error) }
            guard KeyCheckValue.stored(record.algorithm, secret) == record.checkValue else {
                throw .differs(record.name, member: "check value")
            }
            if record.algorithm == .ed25519 {
                guard let pair = try? PrivateKey(ed25519Seed: secret), pair.publicKey.ed25519 == record.point else {
                    throw .differs(record.name, member: "point")
                }
            }
            opened = Opened(secret)
        }
        ring.with { ring in
            ring.records[record.name] = record
            ring.opened[record.name] = opened
            ring.current[record.name.purpose] =
                ring.records.values.filter { $0.name.purpose == record.name.purpose && $0.state == .active }
                .max { $0.name.version < $1.name.version }
        }
    }

    /// The newest active version of a purpose.
    package func current(_ purpose: String) throws(Fault) -> KeyRecord {
        guard let found = ring.with({ $0.current[purpose] }) else { throw .absent(purpose) }
        return found
    }

    /// What signs for a purpose.
    package func signer(_ purpose: String) throws(Fault) -> any Signer {
        let record = try current(purpose)
        guard try keyClass(record.name).usages.contains(.sign) else { throw .notAllowed(record.name, .sign) }
        guard let key = record.publicKey else { throw .differs(record.name, member: "point") }
        if record.algorithm == .ed25519 { return SeedSigner(ring: self, name: record.name, publicKey: key) }
        return RingSigner(custody: custody, name: record.name, publicKey: key)
    }

    /// HMAC-SHA256 under the current key of a purpose.
    package func mac(_ purpose: String, _ message: [UInt8]) throws(Fault) -> [UInt8] {
        let record = try current(purpose)
        guard try keyClass(record.name).usages.contains(.mac) else { throw .notAllowed(record.name, .mac) }
        return MessageAuthentication.hmac(.sha256, key: try opened(record.name).secret, message)
    }

    /// HMAC-SHA256 of several messages under the current key of a purpose.
    package func macs(_ purpose: String, _ messages: [[UInt8]]) throws(Fault) -> [[UInt8]] {
        let record = try current(purpose)
        guard try keyClass(record.name).usages.contains(.mac) else { throw .notAllowed(record.name, .mac) }
        return MessageAuthentication.hmacs(.sha256, key: try opened(record.name).secret, messages)
    }

    /// 密钥分散 A card's own 16-octet key: SP 800-108 over CMAC of the master (SP 800-108; CC-1, 3.2).
    package func derive(_ master: KeyName, label: String, context: [UInt8]) throws(Fault) -> SecretOctets {
        let record = try usable(master)
        guard try keyClass(master).usages.contains(.derive) else { throw .notAllowed(master, .derive) }
        if record.block == nil {
            let input = KeyDerivation.block(1, label: label, context: context, count: 16)
            do throws(CustodyFault) {
                var octets = try custody.cmac(master, input)
                return SecretOctets(wiping: &octets)
            } catch { throw .custody(error) }
        }
        guard let cipher = BlockCipher(record.algorithm) else { throw .notAllowed(master, .derive) }
        let key = try opened(master)
        do throws(CryptographyFault) {
            return try KeyDerivation.counterCMAC(cipher, master: key.secret, label: label, context: context)
        } catch { throw .cryptography(error) }
    }

    /// 密钥分散 (PBOC 形式) A purse key by levels: each SM4-ECB(K, D ‖ ~D), D of 8 octets (CC-1, 3.2).
    package func derivePurseKey(_ master: KeyName, factors: [[UInt8]]) throws(Fault) -> SecretOctets {
        let record = try usable(master)
        guard record.algorithm == .sm4, try keyClass(master).usages.contains(.derive) else {
            throw .notAllowed(master, .derive)
        }
        var key = try opened(master).secret.duplicate()
        do throws(CryptographyFault) {
            for factor in factors {
                guard factor.count == 8 else { throw CryptographyFault.invalid("factor of \(factor.count) octets") }
                var next = try BlockCipher.sm4.encryptECB(key: key, factor + factor.map { ~$0 })
                key = SecretOctets(wiping: &next)
            }
        } catch { throw .cryptography(error) }
        return key
    }

    /// Seals a child key under a wrapped key-encryption key: nonce ‖ ciphertext ‖ tag, 60 octets for 32.
    package func seal(_ purpose: String, associated: [UInt8], _ secret: borrowing SecretOctets) throws(Fault) -> [UInt8]
    {
        let record = try current(purpose)
        guard try keyClass(record.name).usages.contains(.wrap) else { throw .notAllowed(record.name, .wrap) }
        let nonce = random.octets(SealedBox.nonceLength)
        do throws(CryptographyFault) {
            return nonce
                + (try SealedBox.seal(
                    key: sealingKey(record.name).secret,
                    nonce: nonce,
                    associated: associated,
                    secret: secret
                ))
        } catch { throw .cryptography(error) }
    }

    /// The inverse of `seal`, under the version that sealed it.
    package func open(_ name: KeyName, associated: [UInt8], _ sealed: [UInt8]) throws(Fault) -> SecretOctets {
        _ = try usable(name)
        guard sealed.count > SealedBox.nonceLength else { throw .differs(name, member: "sealed key") }
        do throws(CryptographyFault) {
            var clear = try SealedBox.open(
                key: sealingKey(name).secret,
                nonce: Array(sealed.prefix(SealedBox.nonceLength)),
                associated: associated,
                Array(sealed.dropFirst(SealedBox.nonceLength))
            )
            return SecretOctets(wiping: &clear)
        } catch { throw .cryptography(error) }
    }

    /// Drops every opened key from memory; each use is refused until the records are adopted again.
    package func lock() { ring.with { $0.opened = [:] } }

    private func keyClass(_ name: KeyName) throws(Fault) -> Hierarchy.KeyClass {
        if let known = ring.with({ $0.classes[name.purpose] }) { return known }
        guard let keyClass = hierarchy.keyClass(of: name.purpose) else { throw .unknownClass(name.purpose) }
        ring.with { $0.classes[name.purpose] = keyClass }
        return keyClass
    }

    private func usable(_ name: KeyName) throws(Fault) -> KeyRecord {
        guard let record = ring.with({ $0.records[name] }) else { throw .absent(name.description) }
        guard record.state == .active || record.state == .deactivated else { throw .notActive(name, record.state) }
        return record
    }

    func opened(_ name: KeyName) throws(Fault) -> Opened {
        guard let opened = ring.with({ $0.opened[name] }) else { throw .custody(.locked) }
        return opened
    }

    private func sealingKey(_ name: KeyName) throws(CryptographyFault) -> Opened {
        guard let opened = ring.with({ $0.opened[name] }) else { throw .invalid("\(name) is locked") }
        return opened
    }

    private func makePair(_ name: KeyName, _ keyClass: Hierarchy.KeyClass) throws(Fault) -> KeyRecord {
        let point: [UInt8]
        do throws(CustodyFault) { point = try custody.makePair(name) } catch { throw .custody(error) }
        let key: PublicKey
        do throws(CryptographyFault) { key = try PublicKey(point: point, on: .p256) } catch {
            throw .cryptography(error)
        }
        let record = KeyRecord(
            name: name,
            algorithm: .p256,
            custody: custody.label,
            state: .active,
            checkValue: .spki(key),
            point: point,
            block: nil,
            activeDays: keyClass.activeDays,
            usableDays: keyClass.usableDays
        )
        try adopt(record)
        return record
    }

    private func wrapped(
        _ name: KeyName,
        _ keyClass: Hierarchy.KeyClass,
        _ secret: borrowing SecretOctets,
        _ checkValue: KeyCheckValue?
    ) throws(CustodyFault) -> [UInt8] {
        guard let parentPurpose = keyClass.parent, let parent = try? current(parentPurpose).name else {
            throw .unreachable("the key \(keyClass.parent ?? "above") that wraps \(name) is not made yet")
        }
        let nonce = random.octets(SealedBox.nonceLength)
        let header = KeyBlock.header(
            algorithm: keyClass.algorithm,
            usages: keyClass.usages,
            name: name,
            parent: parent,
            checkValue: checkValue
        )
        return header + nonce + (try custody.seal(parent, nonce: nonce, associated: header, secret))
    }
}
