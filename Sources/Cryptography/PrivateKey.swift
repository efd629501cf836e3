import COpenSSL
package import Octets

/// 签名者 What can sign: a key in this process, in a token or in a device. Synchronous: call it on a bounded pool of
/// threads, never on the cooperative pool.
package protocol Signer: Sendable {
    /// The key that verifies what `sign` makes.
    var publicKey: PublicKey { get }
    /// The signature of a message in the form that `PublicKey.verifies(_:of:)` takes.
    func sign(_ message: [UInt8]) throws -> [UInt8]
}

/// 私钥 A private key in this process: software custody, cards in the simulator, throw-away keys.
@safe package final class PrivateKey: Signer, @unchecked Sendable {
    // Never changed after init; a signing context is made per use.
    private let key: OpaquePointer

    /// What verifies its signatures.
    package let publicKey: PublicKey

    private init(owning key: OpaquePointer) throws(CryptographyFault) {
        unsafe self.key = unsafe key
        try require(unsafe EVP_PKEY_up_ref(key), "EVP_PKEY_up_ref")
        unsafe publicKey = PublicKey(owning: key)
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// A fresh key.
    package static func generate(_ algorithm: PublicKey.Algorithm) throws(CryptographyFault) -> PrivateKey {
        let key: OpaquePointer? =
            switch algorithm {
            case .p256: unsafe copenssl_ec_generate("P-256")
            case .sm2: unsafe copenssl_ec_generate("SM2")
            case .rsa: unsafe copenssl_rsa_generate(3072)
            case .ed25519: unsafe copenssl_ed25519_generate()
            case .other: nil
            }
        return unsafe try PrivateKey(owning: try require(unsafe key, "key generation"))
    }

    /// A key from PKCS#8 in DER, the whole input.
    package convenience init(pkcs8: borrowing SecretOctets) throws(CryptographyFault) {
        let key: OpaquePointer? = unsafe pkcs8.withUnsafeOctets { region in
            var cursor = unsafe region.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return unsafe d2i_AutoPrivateKey(nil, &cursor, region.count)
        }
        unsafe try self.init(owning: try require(unsafe key, "d2i_AutoPrivateKey"))
    }

    /// An Ed25519 key from its 32-octet seed (RFC 8032, 5.1.5).
    package convenience init(ed25519Seed seed: borrowing SecretOctets) throws(CryptographyFault) {
        guard seed.count == 32 else { throw .invalid("Ed25519 seed of \(seed.count) octets") }
        let key: OpaquePointer? = unsafe seed.withUnsafeOctets { region in
            let octets = unsafe region.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, octets, region.count)
        }
        unsafe try self.init(owning: try require(unsafe key, "EVP_PKEY_new_raw_private_key"))
    }

    /// PKCS#8 in DER: for sealing in a key block or in a card's image, nowhere else.
    package func pkcs8() throws(CryptographyFault) -> SecretOctets {
        guard let info = unsafe EVP_PKEY2PKCS8(key) else { throw .drained("EVP_PKEY2PKCS8") }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        var pointer: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &pointer)
        guard count > 0, let pointer = unsafe pointer else { throw .drained("i2d_PKCS8_PRIV_KEY_INFO") }
        defer {
            unsafe OPENSSL_cleanse(pointer, Int(count))
            unsafe copenssl_free(pointer)
        }
        return unsafe SecretOctets(count: Int(count)) { region in
            unsafe region.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(count)))
        }
    }

    package func sign(_ message: [UInt8]) throws(CryptographyFault) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .drained("EVP_MD_CTX_new") }
        defer { unsafe EVP_MD_CTX_free(context) }
        let started =
            switch publicKey.algorithm {
            case .sm2: unsafe startSM2(context, key, .sign)
            case .ed25519: unsafe EVP_DigestSignInit(context, nil, nil, nil, key)
            case .p256, .rsa, .other: unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key)
            }
        try require(started, "EVP_DigestSignInit")
        var count = 0
        try require(unsafe EVP_DigestSign(context, nil, &count, message, message.count), "EVP_DigestSign")
        var signature = [UInt8](repeating: 0, count: count)
        try require(unsafe EVP_DigestSign(context, &signature, &count, message, message.count), "EVP_DigestSign")
        return Array(signature.prefix(count))
    }

    /// A signature over a digest that was computed elsewhere, as a card's chip makes it; DER (P-256, SM2).
    package func sign(digest: [UInt8]) throws(CryptographyFault) -> [UInt8] {
        guard let context = unsafe EVP_PKEY_CTX_new(key, nil) else { throw .drained("EVP_PKEY_CTX_new") }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        try require(unsafe EVP_PKEY_sign_init(context), "EVP_PKEY_sign_init")
        var count = 0
        try require(unsafe EVP_PKEY_sign(context, nil, &count, digest, digest.count), "EVP_PKEY_sign")
        var signature = [UInt8](repeating: 0, count: count)
        try require(unsafe EVP_PKEY_sign(context, &signature, &count, digest, digest.count), "EVP_PKEY_sign")
        return Array(signature.prefix(count))
    }

    /// 密钥协商 The x coordinate of the shared point, 32 octets (SP 800-56A ECC CDH, P-256).
    package func agree(with other: PublicKey) throws(CryptographyFault) -> SecretOctets {
        guard let context = unsafe EVP_PKEY_CTX_new(key, nil) else { throw .drained("EVP_PKEY_CTX_new") }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        try require(unsafe EVP_PKEY_derive_init(context), "EVP_PKEY_derive_init")
        try require(unsafe EVP_PKEY_derive_set_peer(context, other.key), "EVP_PKEY_derive_set_peer")
        var count = 0
        try require(unsafe EVP_PKEY_derive(context, nil, &count), "EVP_PKEY_derive")
        var shared = [UInt8](repeating: 0, count: count)
        try require(unsafe EVP_PKEY_derive(context, &shared, &count), "EVP_PKEY_derive")
        return SecretOctets(wiping: &shared)
    }
}
