import COpenSSL

/// A digest of what comes piece by piece: a file that is larger than memory should hold.
@safe package final class RunningDigest {
    // Made in init, freed in deinit, used by the one owner between the two.
    private let context: OpaquePointer
    private let length: Int

    /// Nothing taken in yet.
    package init(_ digest: Digest) throws(CryptographyFault) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .drained("EVP_MD_CTX_new") }
        unsafe self.context = context
        length = digest.length
        guard let algorithm = unsafe EVP_MD_fetch(nil, digest.name, nil) else { throw .drained(digest.name) }
        // The context keeps a reference of its own.
        defer { unsafe EVP_MD_free(algorithm) }
        try require(unsafe EVP_DigestInit_ex2(context, algorithm, nil), "EVP_DigestInit_ex2")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Takes in the next piece.
    package func update(_ octets: [UInt8]) throws(CryptographyFault) {
        try require(unsafe EVP_DigestUpdate(context, octets, octets.count), "EVP_DigestUpdate")
    }

    /// The digest of all pieces; nothing may follow.
    package func finish() throws(CryptographyFault) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: length)
        var written: UInt32 = 0
        try require(unsafe EVP_DigestFinal_ex(context, &output, &written), "EVP_DigestFinal_ex")
        return output
    }
}
