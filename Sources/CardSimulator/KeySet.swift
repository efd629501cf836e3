import Cryptography
import Octets

/// 密钥组 An SCP03 key set of the ISD: three keys, a counter of sessions, a counter of failed ones.
struct KeySet: Codable, Hashable, Sendable {
    /// FF transport, 30-37 issuer AES-128, 38-3F issuer SM4.
    let version: UInt8
    @Hexadecimal var encryption: [UInt8]
    @Hexadecimal var authentication: [UInt8]
    @Hexadecimal var dataEncryption: [UInt8]
    /// 24 bits; counts INITIALIZE UPDATE, kept before the answer is formed.
    var sequence: UInt32 = 0
    /// Failed EXTERNAL AUTHENTICATE in a row.
    var failures = 0

    /// The transport set.
    static let transport: UInt8 = 0xFF
    private static let lastSequence: UInt32 = 0xFF_FFFF
    private static let mostFailures = 50

    /// AES-128 or SM4, told by the version alone.
    var cipher: BlockCipher { Self.cipher(of: version) }

    /// The key type of GlobalPlatform: 88 AES, 89 SM4.
    var keyType: UInt8 { cipher == .sm4 ? 0x89 : 0x88 }

    /// Whether the set belongs to the issuer and opens SC, not only ST.
    var isIssuers: Bool { Self.isIssuers(version) }

    /// Used up by its counter or by failures: 6983.
    var isDead: Bool { sequence >= Self.lastSequence || failures >= Self.mostFailures }

    static func isIssuers(_ version: UInt8) -> Bool { (0x30...0x3F).contains(version) }

    static func cipher(of version: UInt8) -> BlockCipher { (0x38...0x3F).contains(version) ? .sm4 : .aes128 }

    /// The key information of GET DATA 00E0: C0 04 id kvn type length for each key.
    var information: [UInt8] {
        (1...3).flatMap { [0xC0, 0x04, UInt8($0), version, keyType, 0x10] }
    }

    /// The transport keys of a lot: SP 800-108 from the lot's master, label CC1/SCP03/…, context CSN ‖ FF.
    static func transport(master: [UInt8], serial: [UInt8]) throws(CryptographyFault) -> KeySet {
        func derived(_ role: String) throws(CryptographyFault) -> [UInt8] {
            let key = try KeyDerivation.counterCMAC(
                .aes128,
                master: SecretOctets(copying: master),
                label: "CC1/SCP03/\(role)",
                context: serial + [transport]
            )
            // The image of a simulated card keeps its keys in clear.
            return unsafe key.withUnsafeOctets { unsafe Array($0) }
        }
        return KeySet(
            version: transport,
            encryption: try derived("ENC"),
            authentication: try derived("MAC"),
            dataEncryption: try derived("DEK")
        )
    }
}
