import COpenSSL
import Octets

/// 数字证书 An X.509 certificate (RFC 5280), read strictly and never changed.
@safe package final class Certificate: @unchecked Sendable {
    // Never changed after init; read-only use of an X509 object is safe from several threads.
    let handle: OpaquePointer

    /// The octets that were read: what was signed is never encoded again.
    package let der: [UInt8]
    package let publicKey: PublicKey

    /// Reads DER, the whole input.
    package init(der: [UInt8]) throws(CryptographyFault) {
        let handle: OpaquePointer? = unsafe der.withUnsafeBufferPointer { region in
            var cursor = region.baseAddress
            guard let handle = unsafe d2i_X509(nil, &cursor, region.count) else { return nil }
            guard unsafe cursor == region.baseAddress.map({ unsafe $0 + region.count }) else {
                unsafe X509_free(handle)
                return nil
            }
            return unsafe handle
        }
        let owned = unsafe try require(unsafe handle, "d2i_X509")
        guard let key = unsafe X509_get_pubkey(owned) else {
            unsafe X509_free(owned)
            throw .drained("X509_get_pubkey")
        }
        unsafe self.handle = unsafe owned
        self.der = der
        unsafe publicKey = PublicKey(owning: key)
    }

    deinit { unsafe X509_free(handle) }

    /// The subject in the one-line form of RFC 2253.
    package var subject: String { unsafe Self.line(X509_get_subject_name(handle)) }

    /// The issuer in the one-line form of RFC 2253.
    package var issuer: String { unsafe Self.line(X509_get_issuer_name(handle)) }

    /// The certificate as PEM text.
    package var pem: String { PEM.text("CERTIFICATE", der) }

    /// SHA-256 of the DER, what a registered desk certificate is recognised by.
    package var fingerprint: [UInt8] { Digest.sha256.hash(der) }

    /// Reads one PEM certificate.
    package convenience init(pem: String) throws(CryptographyFault) {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard let start = lines.firstIndex(of: "-----BEGIN CERTIFICATE-----"),
            let end = lines.firstIndex(of: "-----END CERTIFICATE-----"), start < end,
            let der = try? Base64.decode(lines[(start + 1)..<end].joined())
        else { throw .invalid("PEM certificate") }
        try self.init(der: der)
    }

    /// Whether this certificate chains to one of the roots at a time (seconds since 1970), by OpenSSL's path check.
    /// Gives nil when it does, else OpenSSL's reason number and words.
    package func chainFault(
        through intermediates: [Certificate],
        to roots: [Certificate],
        at time: Int64
    ) -> (code: Int32, words: String)? {
        defer { ERR_clear_error() }
        guard let store = unsafe X509_STORE_new(), let context = unsafe X509_STORE_CTX_new() else {
            return (-1, "memory")
        }
        defer {
            unsafe X509_STORE_CTX_free(context)
            unsafe X509_STORE_free(store)
        }
        for root in roots { _ = unsafe X509_STORE_add_cert(store, root.handle) }
        let stack = unsafe copenssl_sk_x509_new()
        defer { unsafe copenssl_sk_x509_free(stack) }
        for certificate in intermediates { _ = unsafe copenssl_sk_x509_push(stack, certificate.handle) }
        guard unsafe X509_STORE_CTX_init(context, store, handle, stack) == 1 else { return (-1, "init") }
        let parameters = unsafe X509_STORE_CTX_get0_param(context)
        unsafe X509_VERIFY_PARAM_set_time(parameters, Int(time))
        _ = unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_X509_STRICT))
        guard unsafe X509_verify_cert(context) != 1 else { return nil }
        let code = unsafe X509_STORE_CTX_get_error(context)
        return unsafe (code, X509_verify_cert_error_string(Int(code)).map { unsafe String(cString: $0) } ?? "")
    }

    private static func line(_ name: OpaquePointer?) -> String {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free(bio) }
        unsafe X509_NAME_print_ex(bio, name, 0, copenssl_name_flags)
        var text = [UInt8](repeating: 0, count: 1024)
        let count = unsafe BIO_read(bio, &text, Int32(text.count))
        return String(decoding: text.prefix(Int(max(count, 0))), as: UTF8.self)
    }
}
