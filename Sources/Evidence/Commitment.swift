package import Cryptography
package import Encodings
import Octets

/// 承诺 What an entry says of a detail that stays sealed: an HMAC under a random key that lies with the detail. Without
/// that key nobody can guess the detail from it, and destroying the key leaves the log whole (keys-evidence 7.2).
package enum Commitment {
    /// `s256:` or `sm3:` and the HMAC in base64url.
    package static func text(_ digest: Digest, key: [UInt8], act: String, detail: JSON) -> String {
        let message = Array("citizen/commit/v1".utf8) + [0] + Array(act.utf8) + [0] + detail.canonical
        let tag = MessageAuthentication.hmac(digest, key: key, message)
        return (digest == .sm3 ? "sm3:" : "s256:") + Base64.encode(tag, .url)
    }
}
