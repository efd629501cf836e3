import COpenSSL
package import Octets

/// 鉴别加密 AES-256-GCM (SP 800-38D) with a 96-bit nonce and a 128-bit tag.
package enum SealedBox {
    /// Octets of a nonce.
    package static let nonceLength = 12
    /// Octets of a tag.
    package static let tagLength = 16

    /// Ciphertext ‖ tag of a text, bound to the associated data.
    package static func seal(
        key: borrowing SecretOctets,
        nonce: [UInt8],
        associated: [UInt8],
        _ text: [UInt8]
    ) throws(CryptographyFault) -> [UInt8] {
        try unsafe key.withUnsafeOctets { (region) throws(CryptographyFault) in
            try unsafe run(.encrypt, region, nonce, associated, text, tag: nil)
        }
    }

    /// As `seal`, for a text that is itself a secret: it never becomes an array.
    package static func seal(
        key: borrowing SecretOctets,
        nonce: [UInt8],
        associated: [UInt8],
        secret: borrowing SecretOctets
    ) throws(CryptographyFault) -> [UInt8] {
        var clear = unsafe secret.withUnsafeOctets { unsafe Array($0) }
        defer { unsafe clear.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        return try seal(key: key, nonce: nonce, associated: associated, clear)
    }

    /// The text of ciphertext ‖ tag; throws `.authentication` when the tag does not fit.
    package static func open(
        key: borrowing SecretOctets,
        nonce: [UInt8],
        associated: [UInt8],
        _ sealed: [UInt8]
    ) throws(CryptographyFault) -> [UInt8] {
        guard sealed.count >= tagLength else { throw .invalid("sealed text of \(sealed.count) octets") }
        let tag = Array(sealed.suffix(tagLength))
        let body = Array(sealed.dropLast(tagLength))
        return try unsafe key.withUnsafeOctets { (region) throws(CryptographyFault) in
            try unsafe run(.decrypt, region, nonce, associated, body, tag: tag)
        }
    }

    /// The algorithm, looked up once a process.
    @safe private final class Algorithm: @unchecked Sendable {
        // Fetched once, never changed or freed.
        let cipher: OpaquePointer?

        init() { unsafe cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) }
    }

    private static let algorithm = Algorithm()

    private static func run(
        _ direction: BlockCipher.Direction,
        _ key: UnsafeRawBufferPointer,
        _ nonce: [UInt8],
        _ associated: [UInt8],
        _ input: [UInt8],
        tag: [UInt8]?
    ) throws(CryptographyFault) -> [UInt8] {
        guard key.count == 32 else { throw .invalid("AES-256-GCM key of \(key.count) octets") }
        guard nonce.count == nonceLength else { throw .invalid("nonce of \(nonce.count) octets") }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .drained("EVP_CIPHER_CTX_new") }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        guard let cipher = unsafe algorithm.cipher else { throw .drained("AES-256-GCM") }
        let pointer = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
        try require(
            unsafe EVP_CipherInit_ex2(context, cipher, pointer, nonce, direction.rawValue, nil),
            "EVP_CipherInit_ex2"
        )
        var written: Int32 = 0
        if !associated.isEmpty {
            try require(
                unsafe EVP_CipherUpdate(context, nil, &written, associated, Int32(associated.count)),
                "associated data"
            )
        }
        var output = [UInt8](repeating: 0, count: input.count + tagLength)
        if !input.isEmpty {
            try require(unsafe EVP_CipherUpdate(context, &output, &written, input, Int32(input.count)), "text")
        }
        if var tag {
            try require(
                unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, Int32(tag.count), &tag),
                "set tag"
            )
        }
        var last: Int32 = 0
        var rest = [UInt8](repeating: 0, count: 16)
        let finished = unsafe EVP_CipherFinal_ex(context, &rest, &last)
        guard finished == 1 else {
            ERR_clear_error()
            throw .authentication
        }
        guard direction == .encrypt else {
            output.removeLast(tagLength)
            return output
        }
        let made = unsafe output.withUnsafeMutableBytes { region in
            unsafe EVP_CIPHER_CTX_ctrl(
                context,
                EVP_CTRL_GCM_GET_TAG,
                Int32(tagLength),
                region.baseAddress?.advanced(by: input.count)
            )
        }
        try require(made, "get tag")
        return output
    }
}
