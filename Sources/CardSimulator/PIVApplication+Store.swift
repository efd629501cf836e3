import Cryptography
import Encodings
import Octets

/// The DGIs of PIV.
extension PIVApplication {
    mutating func store(_ grouping: DataGrouping, under set: KeySet, pin: inout HolderPIN) throws(StatusWord) {
        switch grouping.identifier {
        case 0x0101:
            let (tag, value) = try Self.objectWrite(grouping.data)
            try store(tag, value)
        case 0x8010: try storePIN(try grouping.secret(16, under: set), in: &pin)
        case 0x8011: try storePUK(try grouping.secret(16, under: set), in: &pin)
        case 0x809B: try storeManagement(try grouping.secret(32, under: set))
        case 0x809D: try importEncryptionKey(try grouping.secret(48, under: set))
        default: throw .referenceNotFound
        }
    }

    /// 5C len tag ‖ 53 len value, the body of PUT DATA and of DGI 0101.
    static func objectWrite(_ octets: [UInt8]) throws(StatusWord) -> (tag: UInt32, value: [UInt8]) {
        guard let objects = try? BERTLV.list(octets), objects.count == 2, objects[0].tag == 0x5C,
            objects[1].tag == 0x53, (1...3).contains(objects[0].value.count)
        else { throw .wrongData }
        return (objects[0].value.reduce(0) { $0 << 8 | UInt32($1) }, objects[1].value)
    }

    /// PIN(8) tries(1) flags(1) and six zeros; flag 01 marks a transport PIN.
    private func storePIN(_ octets: [UInt8], in pin: inout HolderPIN) throws(StatusWord) {
        guard HolderPIN.isWellFormed(Array(octets[0..<8])), (1...15).contains(octets[8]), octets[9] <= 0x01,
            octets[10...].allSatisfy({ $0 == 0 })
        else { throw .wrongData }
        pin.pin = HolderPIN.Reference(Array(octets[0..<8]), tries: Int(octets[8]))
        pin.isTransport = octets[9] == 0x01
    }

    private func storePUK(_ octets: [UInt8], in pin: inout HolderPIN) throws(StatusWord) {
        guard (1...15).contains(octets[8]), octets[9...].allSatisfy({ $0 == 0 }) else { throw .wrongData }
        pin.puk = HolderPIN.Reference(Array(octets[0..<8]), tries: Int(octets[8]))
    }

    /// alg keylen key(24 at most), zeros; only while the application is blank.
    private mutating func storeManagement(_ octets: [UInt8]) throws(StatusWord) {
        guard directory.state == .selectable else { throw .wrongState }
        let count = Int(octets[1])
        guard octets[0] == 0x03 && count == 24 || octets[0] == 0x08 && count == 16,
            octets[(2 + count)...].allSatisfy({ $0 == 0 })
        else { throw .wrongData }
        management = ManagementKey(algorithm: octets[0], key: Array(octets[2..<2 + count]))
    }

    /// 加密密钥 alg 20 d(32), zeros: a centrally made encryption key for 9D.
    private mutating func importEncryptionKey(_ octets: [UInt8]) throws(StatusWord) {
        guard octets[0] == Self.p256 || octets[0] == Self.sm2, octets[1] == 0x20,
            octets[34...].allSatisfy({ $0 == 0 })
        else { throw .wrongData }
        let digits = Array(octets[2..<34])
        let isSM2 = octets[0] == Self.sm2
        guard digits.contains(where: { $0 != 0 }),
            digits.lexicographicallyPrecedes(isSM2 ? Self.orderSM2 : Self.orderP256)
        else { throw .wrongData }
        let curve = isSM2 ? "1.2.156.10197.1.301" : "1.2.840.10045.3.1.7"
        let scalar = DER.sequence(DER.integer(1), DER.octetString(digits))
        let algorithm = DER.sequence(DER.oid("1.2.840.10045.2.1"), DER.oid(curve))
        let wrapped = DER.sequence(DER.integer(0), algorithm, DER.octetString(scalar))
        guard (try? PrivateKey(pkcs8: SecretOctets(copying: wrapped))) != nil else { throw .wrongData }
        store(SlotKey(slot: .encryption, algorithm: octets[0], key: wrapped))
    }

    // The orders of the two curves: a private key is from 1 to the order less 1.
    private static let orderP256: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6,
        0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]
    private static let orderSM2: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x72, 0x03,
        0xDF, 0x6B, 0x21, 0xC6, 0x05, 0x2B, 0x53, 0xBB, 0xF4, 0x09, 0x39, 0xD5, 0x41, 0x23,
    ]
}
