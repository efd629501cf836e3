import COpenSSL
import Octets

/// 公钥 A public key, held by OpenSSL and read from SubjectPublicKeyInfo or from a curve point.
@safe package final class PublicKey: @unchecked Sendable {
    /// The curves and systems this project uses; others verify foreign certificates through `CertificateChain` alone.
    package enum Algorithm: String, Hashable, Sendable {
        case p256 = "P-256"
        case sm2 = "SM2"
        case ed25519 = "Ed25519"
        case rsa = "RSA"
        case other
    }

    // Never changed after init; EVP_PKEY itself may be used by several threads.
    let key: OpaquePointer

    /// Which algorithm it is for.
    package let algorithm: Algorithm

    init(owning key: OpaquePointer) {
        unsafe self.key = unsafe key
        unsafe algorithm = Self.algorithm(of: key)
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Reads SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), the whole input.
    package convenience init(spki: [UInt8]) throws(CryptographyFault) {
        let key: OpaquePointer? = unsafe spki.withUnsafeBufferPointer { region in
            var cursor = region.baseAddress
            guard let key = unsafe d2i_PUBKEY(nil, &cursor, region.count) else { return nil }
            guard unsafe cursor == region.baseAddress.map({ unsafe $0 + region.count }) else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        unsafe self.init(owning: try require(unsafe key, "d2i_PUBKEY"))
    }

    /// An uncompressed point 04 ‖ X ‖ Y of 65 octets on P-256 or the SM2 curve; a point off the curve is refused.
    package convenience init(point: [UInt8], on algorithm: Algorithm) throws(CryptographyFault) {
        guard point.count == 65, point[0] == 0x04 else { throw .invalid("point of \(point.count) octets") }
        try self.init(spki: try Self.prefix(algorithm) + point)
    }

    /// The 32 octets of an Ed25519 key (RFC 8032, 5.1.5).
    package convenience init(ed25519 octets: [UInt8]) throws(CryptographyFault) {
        guard octets.count == 32 else { throw .invalid("Ed25519 key of \(octets.count) octets") }
        try self.init(spki: Self.ed25519Prefix + octets)
    }

    /// The 32 octets of an Ed25519 key; nil for other keys.
    package var ed25519: [UInt8]? { algorithm == .ed25519 ? Array(spki.suffix(32)) : nil }

    /// SubjectPublicKeyInfo in DER.
    package var spki: [UInt8] {
        var pointer: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_PUBKEY(key, &pointer)
        guard count > 0, let pointer = unsafe pointer else { return [] }
        defer { unsafe copenssl_free(pointer) }
        return unsafe Array(UnsafeBufferPointer(start: pointer, count: Int(count)))
    }

    /// The uncompressed point of a curve key; nil for other keys.
    package var point: [UInt8]? {
        guard algorithm == .p256 || algorithm == .sm2 else { return nil }
        return Array(spki.suffix(65))
    }

    /// Whether a signature holds. P-256: ECDSA with SHA-256, DER; SM2: with SM3 and the default identifier, DER;
    /// Ed25519: raw 64 octets; RSA: PKCS#1 v1.5 with SHA-256.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        let started =
            switch algorithm {
            case .sm2: unsafe startSM2(context, key, .verify)
            case .ed25519: unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key)
            case .p256, .rsa, .other: unsafe EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key)
            }
        guard started == 1 else { return false }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// Whether an ECDSA signature r ‖ s or DER holds over a digest that was computed elsewhere (P-256 only).
    package func verifies(_ signature: [UInt8], ofDigest digest: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        guard algorithm == .p256, let context = unsafe EVP_PKEY_CTX_new(key, nil) else { return false }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_verify_init(context) == 1 else { return false }
        return unsafe EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
    }

    /// What stands before the key in SubjectPublicKeyInfo (RFC 8410, 4).
    private static let ed25519Prefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    private static func algorithm(of key: OpaquePointer) -> Algorithm {
        if unsafe EVP_PKEY_is_a(key, "ED25519") == 1 { return .ed25519 }
        if unsafe EVP_PKEY_is_a(key, "RSA") == 1 { return .rsa }
        if unsafe EVP_PKEY_is_a(key, "SM2") == 1 { return .sm2 }
        var name = [CChar](repeating: 0, count: 40)
        var length = 0
        guard unsafe EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return .other }
        return switch String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) {
        case "prime256v1": .p256
        case "SM2": .sm2
        default: .other
        }
    }

    private static func prefix(_ algorithm: Algorithm) throws(CryptographyFault) -> [UInt8] {
        let hex =
            switch algorithm {
            case .p256: "3059301306072a8648ce3d020106082a8648ce3d030107034200"
            case .sm2: "3059301306072a8648ce3d020106082a811ccf5501822d034200"
            case .ed25519, .rsa, .other: ""
            }
        guard !hex.isEmpty, let octets = try? Hex.decode(hex) else {
            throw .invalid("\(algorithm.rawValue) has no point")
        }
        return octets
    }
}

enum SM2Direction: Int32 {
    case sign = 0
    case verify = 1
}

/// Starts with the identifier 1234567812345678 of GB/T 32918.5 in Z: left implicit it is empty in some programs, and
/// then nobody verifies the signature.
func startSM2(_ context: OpaquePointer, _ key: OpaquePointer, _ direction: SM2Direction) -> Int32 {
    let identifier = "1234567812345678"
    return unsafe copenssl_sm2_start(context, key, identifier, identifier.utf8.count, direction.rawValue)
}
