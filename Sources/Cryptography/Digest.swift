import COpenSSL

/// 杂凑算法 A hash function: SM3 (GB/T 32905) beside the SHA-2 family (FIPS 180-4).
package enum Digest: Hashable, Sendable, CaseIterable {
    case sha256
    case sha384
    case sha512
    case sm3

    /// Octets of a digest.
    package var length: Int {
        switch self {
        case .sha256, .sm3: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The digest of a message.
    package func hash(_ message: some Collection<UInt8>) -> [UInt8] {
        hash(message, named: name)
    }

    var name: String {
        switch self {
        case .sha256: "SHA256"
        case .sha384: "SHA384"
        case .sha512: "SHA512"
        case .sm3: "SM3"
        }
    }

    private func hash(_ message: some Collection<UInt8>, named name: String) -> [UInt8] {
        let input = Array(message)
        var output = [UInt8](repeating: 0, count: length)
        var written = 0
        let result = unsafe EVP_Q_digest(nil, name, nil, input, input.count, &output, &written)
        precondition(result == 1 && written == length, "libcrypto lacks \(name): the installation is broken")
        return output
    }
}
