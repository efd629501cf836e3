import CArgon2
package import Octets

/// 口令校验值 An Argon2id verifier (RFC 9106) as a PHC string, so that its cost can move with the years.
///
/// Blocks for some 30 ms and 19 MiB: call it on worker threads, whose number bounds the memory.
package struct PasswordVerifier: Hashable, Sendable {
    /// Why no verifier was made.
    package enum Fault: Error, Hashable, Sendable { case library(Int32) }

    /// The PHC string `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`.
    package let text: String

    /// A verifier read from its row.
    package init(text: String) { self.text = text }

    /// Makes a verifier; `salt` is 16 random octets.
    package init(_ password: borrowing SecretOctets, salt: [UInt8]) throws(Fault) {
        let memoryKiB: UInt32 = 19_456
        let passes: UInt32 = 2
        var encoded = [CChar](repeating: 0, count: 256)
        let result = unsafe password.withUnsafeOctets { region in
            unsafe argon2id_hash_encoded(
                passes,
                memoryKiB,
                1,
                region.baseAddress,
                region.count,
                salt,
                salt.count,
                32,
                &encoded,
                encoded.count
            )
        }
        guard result == Int32(ARGON2_OK.rawValue) else { throw .library(result) }
        text = String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the password is the one; a verifier that cannot be read fits nothing.
    package func fits(_ password: borrowing SecretOctets) -> Bool {
        unsafe password.withUnsafeOctets { region in
            unsafe argon2id_verify(text, region.baseAddress, region.count) == Int32(ARGON2_OK.rawValue)
        }
    }
}
