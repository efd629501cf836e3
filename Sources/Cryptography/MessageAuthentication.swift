import COpenSSL
package import Octets

/// 消息鉴别码 Keyed checks of a message: HMAC (FIPS 198-1) and CMAC (SP 800-38B, RFC 4493).
package enum MessageAuthentication {
    /// HMAC with the digest named; as long as the digest.
    package static func hmac(
        _ digest: Digest,
        key: some Collection<UInt8>,
        _ message: some Collection<UInt8>
    ) -> [UInt8] {
        let key = Array(key)
        let message = Array(message)
        var output = [UInt8](repeating: 0, count: digest.length)
        var written = 0
        let done =
            unsafe EVP_Q_mac(
                nil,
                "HMAC",
                nil,
                digest.name,
                nil,
                key,
                key.count,
                message,
                message.count,
                &output,
                output.count,
                &written
            ) != nil
        precondition(done && written == digest.length, "libcrypto lacks HMAC: the installation is broken")
        return output
    }

    /// HMAC under a secret key.
    package static func hmac(
        _ digest: Digest,
        key: borrowing SecretOctets,
        _ message: some Collection<UInt8>
    ) -> [UInt8] { hmacs(digest, key: key, [Array(message)])[0] }

    /// HMAC of several messages under one secret key, which is scheduled once.
    package static func hmacs(_ digest: Digest, key: borrowing SecretOctets, _ messages: [[UInt8]]) -> [[UInt8]] {
        let tags = unsafe key.withUnsafeOctets { region in
            unsafe KeyedHash.hmacs(digest, region, messages)
        }
        guard let tags else { preconditionFailure("libcrypto lacks HMAC: the installation is broken") }
        return tags
    }

    /// CMAC with the block cipher named, 16 octets; throws `.invalid` on a key of another length.
    package static func cmac(
        _ cipher: BlockCipher,
        key: borrowing SecretOctets,
        _ message: some Collection<UInt8>
    ) throws(CryptographyFault) -> [UInt8] {
        guard key.count == cipher.keyLength else { throw .invalid("CMAC key of \(key.count) octets") }
        let message = Array(message)
        var output = [UInt8](repeating: 0, count: 16)
        var written = 0
        let done = unsafe key.withUnsafeOctets { region in
            unsafe EVP_Q_mac(
                nil,
                "CMAC",
                nil,
                cipher.name(.cbc),
                nil,
                region.baseAddress,
                region.count,
                message,
                message.count,
                &output,
                output.count,
                &written
            ) != nil
        }
        guard done, written == 16 else { throw .drained("CMAC") }
        return output
    }
}

/// 密钥派生 Keys from keys.
package enum KeyDerivation {
    /// SP 800-108 in counter mode over CMAC: block = counter(4) ‖ label ‖ 00 ‖ context ‖ bits(4).
    ///
    /// The card-key derivation of the CC-1 profile; the master's own algorithm is the PRF.
    package static func counterCMAC(
        _ cipher: BlockCipher,
        master: borrowing SecretOctets,
        label: String,
        context: [UInt8],
        count: Int = 16
    ) throws(CryptographyFault) -> SecretOctets {
        var material: [UInt8] = []
        var counter: UInt32 = 1
        while material.count < count {
            let input = block(counter, label: label, context: context, count: count)
            material += try MessageAuthentication.cmac(cipher, key: master, input)
            counter += 1
        }
        var key = Array(material.prefix(count))
        unsafe material.withUnsafeMutableBytes { region in unsafe OPENSSL_cleanse(region.baseAddress, region.count) }
        return SecretOctets(wiping: &key)
    }

    /// The input of one round of `counterCMAC`: what a token that only offers CMAC is asked to authenticate.
    package static func block(_ counter: UInt32, label: String, context: [UInt8], count: Int) -> [UInt8] {
        counter.bigEndianOctets + Array(label.utf8) + [0] + context + UInt32(count * 8).bigEndianOctets
    }
}
