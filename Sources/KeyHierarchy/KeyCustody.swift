package import Octets

/// 密钥保管 Where keys live that never leave: a PKCS#11 token, or sealed files for tests.
///
/// Synchronous, and called on a bounded pool of threads. No call gives back a key: secrets go in once, at their
/// ceremony, and only signatures, MACs and sealed texts come out.
package protocol KeyCustody: Sendable {
    /// How `citizend key list` labels what lives here.
    var label: CustodyLabel { get }
    /// Brings in a symmetric key; afterwards it cannot be read. A name that is there already is refused.
    func bring(_ name: KeyName, _ algorithm: KeyAlgorithm, _ secret: borrowing SecretOctets) throws(CustodyFault)
    /// Makes a P-256 pair inside and gives its point 04 ‖ X ‖ Y.
    func makePair(_ name: KeyName) throws(CustodyFault) -> [UInt8]
    /// The point of a pair, or nothing for a symmetric key; throws `.absent` when there is no such key.
    func point(_ name: KeyName) throws(CustodyFault) -> [UInt8]?
    /// ECDSA over a SHA-256 digest, r ‖ s.
    func sign(_ name: KeyName, digest: [UInt8]) throws(CustodyFault) -> [UInt8]
    /// AES-CMAC, 16 octets: the one primitive from which card keys are derived.
    func cmac(_ name: KeyName, _ message: [UInt8]) throws(CustodyFault) -> [UInt8]
    /// AES-256-GCM of a child key under a key-encryption key: ciphertext ‖ tag.
    func seal(
        _ name: KeyName,
        nonce: [UInt8],
        associated: [UInt8],
        _ secret: borrowing SecretOctets
    ) throws(CustodyFault) -> [UInt8]
    /// The inverse of `seal`; an altered block throws `.altered`.
    func open(
        _ name: KeyName,
        nonce: [UInt8],
        associated: [UInt8],
        _ sealed: [UInt8]
    ) throws(CustodyFault) -> SecretOctets
}

/// 保管方式 Where a key really is: honest labelling is what an assessment of cryptography (密评) asks for.
package enum CustodyLabel: String, Hashable, Sendable {
    case token, file, wrapped, derived
}

/// Why a custody did not do what was asked.
package enum CustodyFault: Error, Hashable, Sendable {
    /// The module, folder or token cannot be reached; the text names what to check.
    case unreachable(String)
    /// The PIN was wrong. One attempt is made and no more: real devices erase themselves.
    case pinRefused
    case absent(KeyName)
    case exists(KeyName)
    /// The key is there but must not do this.
    case notAllowed(KeyName, KeyUsage)
    /// A sealed block was changed, or sealed under another key or for another place.
    case altered(KeyName)
    /// The device answered with a number of its own.
    case device(operation: String, code: UInt)
    /// The keys were dropped from memory by `citizend lock`.
    case locked
}
