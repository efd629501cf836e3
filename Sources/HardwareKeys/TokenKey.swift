import CPKCS11
import KeyHierarchy

/// A key of the token as found under one login: its handle and what it is.
struct TokenKey: Sendable {
    let handle: UInt
    let algorithm: KeyAlgorithm
    /// The point of a pair, 04 ‖ X ‖ Y.
    let point: [UInt8]?

    /// CKA_EC_PARAMS of P-256: the object identifier 1.2.840.10045.3.1.7 in DER.
    static var curve: [UInt8] { [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07] }

    /// Finds a key by CKA_LABEL and CKA_ID, which both hold its name.
    ///
    /// Throws `.absent`; `.ambiguous` when a second object has the name, or the object is of a kind that we never make.
    static func find(_ name: KeyName, _ session: TokenSession) throws(TokenRefusal) -> TokenKey {
        let secrets = try handles(name, CKO_SECRET_KEY, session)
        let privates = try handles(name, CKO_PRIVATE_KEY, session)
        guard let handle = secrets.first ?? privates.first else { throw .absent }
        guard secrets.count + privates.count == 1 else { throw .ambiguous }
        if privates.isEmpty {
            let octets = try session.attribute(CKA_VALUE_LEN, of: handle).flatMap(UInt.init(attribute:))
            guard let algorithm = algorithm(valueOctets: octets) else { throw .ambiguous }
            return TokenKey(handle: handle, algorithm: algorithm, point: nil)
        }
        let publics = try handles(name, CKO_PUBLIC_KEY, session)
        guard publics.count == 1, let point = try point(of: publics[0], session) else { throw .ambiguous }
        return TokenKey(handle: handle, algorithm: .p256, point: point)
    }

    /// Whether no key has the name yet. A public half without its private half is what a process leaves that ends while
    /// it makes a pair; nobody was told of it, and it is cleared away.
    static func isFree(_ name: KeyName, _ session: TokenSession) throws(TokenRefusal) -> Bool {
        guard try handles(name, CKO_SECRET_KEY, session).isEmpty,
            try handles(name, CKO_PRIVATE_KEY, session).isEmpty
        else { return false }
        for orphan in try handles(name, CKO_PUBLIC_KEY, session) { try session.destroy(orphan) }
        return true
    }

    /// The point of a public key object, out of the OCTET STRING that PKCS #11 puts around it.
    static func point(of handle: UInt, _ session: TokenSession) throws(TokenRefusal) -> [UInt8]? {
        guard try session.attribute(CKA_EC_PARAMS, of: handle) == curve,
            let value = try session.attribute(CKA_EC_POINT, of: handle)
        else { return nil }
        guard value.count == 67, value.starts(with: [0x04, 0x41, 0x04]) else { return nil }
        return Array(value.dropFirst(2))
    }

    private static func algorithm(valueOctets: UInt?) -> KeyAlgorithm? {
        switch valueOctets {
        case 16: .aes128
        case 32: .aes256
        default: nil
        }
    }

    private static func handles(
        _ name: KeyName,
        _ objectClass: UInt,
        _ session: TokenSession
    ) throws(TokenRefusal) -> [UInt] {
        let octets = Array(name.description.utf8)
        let template = Template().add(CKA_CLASS, words: [objectClass]).add(CKA_LABEL, octets).add(CKA_ID, octets)
        return try session.find(template)
    }
}
