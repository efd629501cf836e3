import COpenSSL

/// 过时算法 What old partners still need. Nothing of ours relies on the strength of these.
package enum Insecure {
    /// HMAC-SHA-1, 20 octets: the default of authenticator apps (RFC 6238, 1.2).
    package static func hmacSHA1(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 20)
        var written = 0
        let done =
            unsafe EVP_Q_mac(
                nil,
                "HMAC",
                nil,
                "SHA1",
                nil,
                key,
                key.count,
                message,
                message.count,
                &output,
                output.count,
                &written
            ) != nil
        precondition(done && written == 20, "libcrypto lacks HMAC-SHA1: the installation is broken")
        return output
    }
}
