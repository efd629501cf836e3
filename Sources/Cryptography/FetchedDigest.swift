import COpenSSL

/// A hash function found once and used often: a tree hashes millions of short messages, and finding the function by its
/// name costs more than hashing one of them.
@safe package final class FetchedDigest: @unchecked Sendable {
    // Never changed after init; EVP_Digest makes a context of its own for each call.
    private let algorithm: OpaquePointer

    package let digest: Digest

    /// Finds the function.
    package init(_ digest: Digest) {
        guard let found = unsafe EVP_MD_fetch(nil, digest.name, nil) else {
            preconditionFailure("libcrypto lacks \(digest.name): the installation is broken")
        }
        unsafe algorithm = found
        self.digest = digest
    }

    deinit { unsafe EVP_MD_free(algorithm) }

    /// The digest of a message.
    package func hash(_ message: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: digest.length)
        var written: UInt32 = 0
        let result = unsafe EVP_Digest(message, message.count, &output, &written, algorithm, nil)
        precondition(result == 1, "libcrypto cannot hash with \(digest.name): the installation is broken")
        return output
    }
}
