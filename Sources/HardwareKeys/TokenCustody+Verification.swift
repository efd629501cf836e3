import CPKCS11
import Cryptography
import Encodings
package import KeyHierarchy

/// 对象核查 What is wrong with an object of the token: found at start, before any key is used.
package enum ObjectFinding: Hashable, Sendable {
    /// The register has the key, the token has not.
    case missing(KeyName)
    /// A second object has the key's name, so a caller could be given either.
    case doubled(KeyName)
    /// An attribute differs from what the key was made with: `SENSITIVE`, `EXTRACTABLE`, `ALLOWED_MECHANISMS` and others.
    case attribute(KeyName, name: String)
    /// The key under this name is another key than the register's, by its check value or its point.
    case otherKey(KeyName)
    /// An object whose label and identifier name no key of the register; both are shown, a renamed key keeps one.
    case foreign(label: String, identifier: String)
}

extension TokenCustody {
    /// Compares every object of the token with the register. An empty list is a clean token.
    ///
    /// Records of other custodies and destroyed keys are passed over. A key-encryption key may do nothing but AES-GCM, so
    /// its check value cannot be asked for: that it is the right one shows when its first block opens.
    package func verifyObjects(records: [KeyRecord]) throws(CustodyFault) -> [ObjectFinding] {
        let held = records.filter { $0.custody == .token && $0.state != .destroyed }
        return try use { session, _ throws(TokenRefusal) in
            let objects = try TokenObject.all(session)
            let names = Set(held.map(\.name.description))
            var findings = objects.filter { object in
                object.label != object.identifier || !names.contains(object.label) || !object.isKey
            }.map { ObjectFinding.foreign(label: $0.label, identifier: $0.identifier) }
            for record in held {
                let own = objects.filter {
                    $0.label == record.name.description && $0.identifier == $0.label && $0.isKey
                }
                findings += try self.findings(record, own, session)
            }
            return findings
        } refused: {
            $0.fault
        }
    }

    private func findings(
        _ record: KeyRecord,
        _ objects: [TokenObject],
        _ session: TokenSession
    ) throws(TokenRefusal) -> [ObjectFinding] {
        var profiles = [ObjectProfile.secret(record.algorithm, settings.vendor)].compactMap { $0 }
        if record.algorithm == .p256 {
            profiles = [ObjectProfile.privateKey(settings.vendor), ObjectProfile.publicKey]
        }
        var findings: [ObjectFinding] = []
        var handles: [UInt: UInt] = [:]
        for profile in profiles {
            let own = objects.filter { $0.objectClass == profile.objectClass }
            guard let object = own.first else {
                findings.append(.missing(record.name))
                continue
            }
            for object in own {
                let wrong = try profile.differences(object.handle, session)
                findings += wrong.map { ObjectFinding.attribute(record.name, name: $0) }
            }
            handles[profile.objectClass] = object.handle
            if own.count > 1 { findings.append(.doubled(record.name)) }
        }
        if objects.contains(where: { object in !profiles.contains { $0.objectClass == object.objectClass } }) {
            findings.append(.doubled(record.name))
        }
        guard findings.isEmpty else { return findings }
        return try isRight(record, handles, session) ? [] : [.otherKey(record.name)]
    }

    /// Whether the key itself is the register's, as far as its permitted uses show it.
    private func isRight(
        _ record: KeyRecord,
        _ handles: [UInt: UInt],
        _ session: TokenSession
    ) throws(TokenRefusal) -> Bool {
        if let handle = handles[CKO_PRIVATE_KEY], let other = handles[CKO_PUBLIC_KEY] {
            guard try TokenKey.point(of: other, session) == record.point else { return false }
            let message = Array("citizen/token/verify".utf8)
            let raw = try session.sign(settings.vendor.ecdsa, key: handle, Digest.sha256.hash(message))
            guard let signature = SignatureForm.der(fromRaw: raw) else { return false }
            return record.publicKey?.verifies(signature, of: message) == true
        }
        guard record.algorithm == .aes128, let handle = handles[CKO_SECRET_KEY] else { return true }
        let zeros = [UInt8](repeating: 0, count: 16)
        let value = try session.sign(settings.vendor.aesCMAC, key: handle, zeros).prefix(3)
        return record.checkValue?.octets == Array(value)
    }
}

/// An object of the token by what tells it apart.
struct TokenObject: Sendable {
    let handle: UInt
    let objectClass: UInt
    let label: String
    let identifier: String

    var isKey: Bool { [CKO_SECRET_KEY, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY].contains(objectClass) }

    /// All objects that outlive their session.
    static func all(_ session: TokenSession) throws(TokenRefusal) -> [TokenObject] {
        var objects: [TokenObject] = []
        for handle in try session.find(Template().add(CKA_TOKEN, true)) {
            let octets = try session.attribute(CKA_CLASS, of: handle) ?? []
            objects.append(
                TokenObject(
                    handle: handle,
                    objectClass: UInt(attribute: octets) ?? .max,
                    label: String(decoding: try session.attribute(CKA_LABEL, of: handle) ?? [], as: UTF8.self),
                    identifier: String(decoding: try session.attribute(CKA_ID, of: handle) ?? [], as: UTF8.self)
                )
            )
        }
        return objects
    }
}

extension ObjectProfile {
    /// Names of the attributes that differ from the profile.
    func differences(_ handle: UInt, _ session: TokenSession) throws(TokenRefusal) -> [String] {
        var names: [String] = []
        for truth in truths where try session.attribute(truth.type, of: handle) != [truth.value ? 1 : 0] {
            names.append(truth.name)
        }
        if try session.attribute(CKA_KEY_TYPE, of: handle).flatMap(UInt.init(attribute:)) != keyType {
            names.append("KEY_TYPE")
        }
        if let valueOctets {
            let found = try session.attribute(CKA_VALUE_LEN, of: handle).flatMap(UInt.init(attribute:))
            if found != UInt(valueOctets) { names.append("VALUE_LEN") }
        }
        if !mechanisms.isEmpty {
            let octets = try session.attribute(cpkcs11_allowed_mechanisms, of: handle) ?? []
            let width = MemoryLayout<UInt>.size
            let found = stride(from: 0, to: octets.count, by: width).map {
                UInt(attribute: Array(octets[$0..<min($0 + width, octets.count)]))
            }
            if Set(found) != Set(mechanisms.map { UInt?.some($0) }) { names.append("ALLOWED_MECHANISMS") }
        }
        return names
    }
}
