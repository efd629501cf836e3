import COpenSSL
package import Octets

/// 分组密码 A block cipher without padding of its own: AES (FIPS 197), SM4 (GB/T 32907), two-key and three-key 3DES.
///
/// 3DES serves cards of other makers and purses already in the field, never a key of ours.
package enum BlockCipher: Hashable, Sendable {
    case aes128
    case aes256
    case sm4
    case tripleDES2
    case tripleDES3

    /// Octets of a key.
    package var keyLength: Int {
        switch self {
        case .aes128, .sm4, .tripleDES2: 16
        case .aes256: 32
        case .tripleDES3: 24
        }
    }

    /// Octets of a block.
    package var blockLength: Int {
        switch self {
        case .aes128, .aes256, .sm4: 16
        case .tripleDES2, .tripleDES3: 8
        }
    }

    enum Mode: String {
        case ecb = "ECB"
        case cbc = "CBC"
    }

    enum Direction: Int32 {
        case decrypt = 0
        case encrypt = 1
    }

    /// One or more blocks, each by itself.
    package func encryptECB(
        key: borrowing SecretOctets,
        _ blocks: [UInt8]
    ) throws(CryptographyFault) -> [UInt8] {
        try run(.ecb, .encrypt, key: key, initial: [], blocks)
    }

    /// The inverse of `encryptECB`.
    package func decryptECB(
        key: borrowing SecretOctets,
        _ blocks: [UInt8]
    ) throws(CryptographyFault) -> [UInt8] {
        try run(.ecb, .decrypt, key: key, initial: [], blocks)
    }

    /// Whole blocks in cipher block chaining; the caller pads.
    package func encryptCBC(
        key: borrowing SecretOctets,
        initial: [UInt8],
        _ blocks: [UInt8]
    ) throws(CryptographyFault) -> [UInt8] {
        try run(.cbc, .encrypt, key: key, initial: initial, blocks)
    }

    /// The inverse of `encryptCBC`.
    package func decryptCBC(
        key: borrowing SecretOctets,
        initial: [UInt8],
        _ blocks: [UInt8]
    ) throws(CryptographyFault) -> [UInt8] {
        try run(.cbc, .decrypt, key: key, initial: initial, blocks)
    }

    func name(_ mode: Mode) -> String {
        switch self {
        case .aes128: "AES-128-\(mode.rawValue)"
        case .aes256: "AES-256-\(mode.rawValue)"
        case .sm4: "SM4-\(mode.rawValue)"
        case .tripleDES2: mode == .ecb ? "DES-EDE" : "DES-EDE-CBC"
        case .tripleDES3: mode == .ecb ? "DES-EDE3" : "DES-EDE3-CBC"
        }
    }

    private func run(
        _ mode: Mode,
        _ direction: Direction,
        key: borrowing SecretOctets,
        initial: [UInt8],
        _ input: [UInt8]
    ) throws(CryptographyFault) -> [UInt8] {
        guard key.count == keyLength else { throw .invalid("cipher key of \(key.count) octets") }
        guard input.count.isMultiple(of: blockLength) else {
            throw .invalid("\(input.count) octets are not whole blocks")
        }
        guard mode == .ecb || initial.count == blockLength else { throw .invalid("initial vector") }
        guard !input.isEmpty else { return [] }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .drained("EVP_CIPHER_CTX_new") }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, name(mode), nil) else { throw .drained(name(mode)) }
        defer { unsafe EVP_CIPHER_free(cipher) }
        let ready = unsafe key.withUnsafeOctets { region in
            unsafe EVP_CipherInit_ex2(
                context,
                cipher,
                region.baseAddress?.assumingMemoryBound(to: UInt8.self),
                mode == .ecb ? nil : initial,
                direction.rawValue,
                nil
            )
        }
        try require(ready, "EVP_CipherInit_ex2")
        try require(unsafe EVP_CIPHER_CTX_set_padding(context, 0), "EVP_CIPHER_CTX_set_padding")
        var output = [UInt8](repeating: 0, count: input.count + blockLength)
        var written: Int32 = 0
        try require(
            unsafe EVP_CipherUpdate(context, &output, &written, input, Int32(input.count)),
            "EVP_CipherUpdate"
        )
        guard Int(written) == input.count else { throw .drained("EVP_CipherUpdate") }
        return Array(output.prefix(input.count))
    }
}
