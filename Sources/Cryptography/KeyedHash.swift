import COpenSSL

/// HMAC with the algorithm looked up once a process: OpenSSL 3.0 takes longer to find it by name than to run it.
@safe final class KeyedHash: @unchecked Sendable {
    // Made once, never changed or freed: a context with the digest set and no key, only ever copied from.
    private let template: OpaquePointer?

    private static let sha256 = KeyedHash(.sha256)
    private static let sha384 = KeyedHash(.sha384)
    private static let sha512 = KeyedHash(.sha512)
    private static let sm3 = KeyedHash(.sm3)

    private init(_ digest: Digest) {
        guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else {
            unsafe template = nil
            return
        }
        // The context keeps a reference of its own.
        defer { unsafe EVP_MAC_free(algorithm) }
        let context = unsafe EVP_MAC_CTX_new(algorithm)
        var name = Array(digest.name.utf8CString)
        let isSet = unsafe name.withUnsafeMutableBufferPointer { name in
            var parameters = unsafe [
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return unsafe EVP_MAC_CTX_set_params(context, &parameters)
        }
        unsafe template = isSet == 1 ? context : nil
    }

    private static func of(_ digest: Digest) -> KeyedHash {
        switch digest {
        case .sha256: sha256
        case .sha384: sha384
        case .sha512: sha512
        case .sm3: sm3
        }
    }

    /// A tag a message; nil when the library lacks the algorithm.
    static func hmacs(_ digest: Digest, _ key: UnsafeRawBufferPointer, _ messages: [[UInt8]]) -> [[UInt8]]? {
        guard let template = unsafe of(digest).template, let context = unsafe EVP_MAC_CTX_dup(template) else {
            return nil
        }
        // Wipes the key schedule, too.
        defer { unsafe EVP_MAC_CTX_free(context) }
        // An absent key would mean "the one before".
        var none: UInt8 = 0
        var isKeyed = false
        var tags: [[UInt8]] = []
        tags.reserveCapacity(messages.count)
        for message in messages {
            let ready =
                if isKeyed {
                    unsafe EVP_MAC_init(context, nil, 0, nil)
                } else if let base = key.baseAddress, unsafe !key.isEmpty {
                    unsafe EVP_MAC_init(context, base.assumingMemoryBound(to: UInt8.self), key.count, nil)
                } else {
                    unsafe EVP_MAC_init(context, &none, 0, nil)
                }
            isKeyed = true
            var tag = [UInt8](repeating: 0, count: digest.length)
            var written = 0
            guard ready == 1, unsafe EVP_MAC_update(context, message, message.count) == 1,
                unsafe EVP_MAC_final(context, &tag, &written, tag.count) == 1, written == tag.count
            else { return nil }
            tags.append(tag)
        }
        return tags
    }
}
