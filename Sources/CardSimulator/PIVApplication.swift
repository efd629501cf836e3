import Cryptography
import Octets

/// PIV 应用 Keys and data objects in the forms of SP 800-73 (profile CC-1, 2.7).
struct PIVApplication: Codable, Hashable, Sendable {
    /// The places of asymmetric keys.
    enum Slot: UInt8, Codable, Hashable, Sendable, CaseIterable {
        case login = 0x9A
        case signature = 0x9C
        case encryption = 0x9D
        case cardProof = 0x9E
    }

    /// A private key in its slot.
    struct SlotKey: Codable, Hashable, Sendable {
        let slot: Slot
        /// 11 P-256, 54 SM2.
        let algorithm: UInt8
        /// PKCS#8 in DER.
        @Hexadecimal var key: [UInt8]
    }

    /// A data object: tag in 5C, value in 53.
    struct DataObject: Codable, Hashable, Sendable {
        let tag: UInt32
        @Hexadecimal var value: [UInt8]
    }

    /// 管理密钥 The administration key 9B.
    struct ManagementKey: Codable, Hashable, Sendable {
        /// 03 3DES with three keys, 08 AES-128.
        let algorithm: UInt8
        @Hexadecimal var key: [UInt8]

        /// The value every blank is delivered with: 0102..08 three times.
        static let wellKnown = ManagementKey(
            algorithm: 0x03,
            key: [UInt8]((0..<24).map { $0 % 8 + 1 })
        )

        var cipher: BlockCipher { algorithm == 0x03 ? .tripleDES3 : .aes128 }
    }

    /// P-256 of SP 800-78.
    static let p256: UInt8 = 0x11
    /// SM2: a private extension in use on the market.
    static let sm2: UInt8 = 0x54
    private static let mostObjects = 48

    var directory = DedicatedFile()
    var management = ManagementKey.wellKnown
    var keys: [SlotKey] = []
    var objects: [DataObject] = []

    /// The key of a slot.
    func key(_ slot: Slot) -> SlotKey? { keys.first { $0.slot == slot } }

    /// Puts a key in its slot, in the place of an earlier one.
    mutating func store(_ key: SlotKey) {
        keys.removeAll { $0.slot == key.slot }
        keys.append(key)
    }

    /// Writes an object; an empty value deletes it. The discovery object 7E is built in: 6A80.
    mutating func store(_ tag: UInt32, _ value: [UInt8]) throws(StatusWord) {
        guard tag != 0x7E else { throw .wrongData }
        objects.removeAll { $0.tag == tag }
        guard !value.isEmpty else { return }
        guard objects.count < Self.mostObjects else { throw .noRoom }
        objects.append(DataObject(tag: tag, value: value))
    }
}
