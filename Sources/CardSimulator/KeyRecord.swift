import Cryptography
import Octets

/// 应用密钥 A key of DGI 8020: type idx ver alg tries key(16) mask(2), nine zeros (profile CC-1, 2.5).
struct KeyRecord: Codable, Hashable, Sendable {
    /// 01 purchase, 02 load, 03 TAC; 10 reader authority; 11 EA, 12 IA, 13 MK of a sector.
    let type: UInt8
    let index: UInt8
    let version: UInt8
    /// 00 3DES and 04 SM4 in the purse; 08 AES and 18 SM4 elsewhere.
    let algorithm: UInt8
    let tries: Int
    var triesLeft: Int
    @Hexadecimal var key: [UInt8]
    /// 读权限 The read mask of a reader authority; 0000 for every other type.
    let mask: UInt16

    /// Reads the 32 octets; throws 6A80 on any other form.
    init(_ octets: [UInt8]) throws(StatusWord) {
        guard octets.count == 32, octets[23...].allSatisfy({ $0 == 0 }) else { throw .wrongData }
        type = octets[0]
        index = octets[1]
        version = octets[2]
        algorithm = octets[3]
        tries = Int(octets[4])
        triesLeft = tries
        key = Array(octets[5..<21])
        mask = UInt16(octets[21]) << 8 | UInt16(octets[22])
        guard (1...15).contains(tries), type == 0x10 || mask == 0 else { throw .wrongData }
    }

    /// The cipher behind the algorithm octet; an unknown one was refused when the key came in.
    var cipher: BlockCipher {
        switch algorithm {
        case 0x08: .aes128
        case 0x00: .tripleDES2
        default: .sm4
        }
    }

    /// A row of DF31: type idx ver alg kcv(3).
    func checkRow() throws(StatusWord) -> [UInt8] {
        [type, index, version, algorithm] + (try cipher.checkValue(of: key))
    }

    /// A row of DF32: type idx ver alg mask(2).
    var publicRow: [UInt8] { [type, index, version, algorithm] + mask.bigEndianOctets }
}

extension [KeyRecord] {
    /// The position of the key of a type and index.
    func position(type: UInt8, index: UInt8) -> Int? { firstIndex { $0.type == type && $0.index == index } }

    /// Adds the key or replaces the one of its type and index; in a personalised application the version must rise.
    mutating func store(_ record: KeyRecord, state: ApplicationState) throws(StatusWord) {
        guard let position = position(type: record.type, index: record.index) else {
            append(record)
            sort { ($0.type, $0.index) < ($1.type, $1.index) }
            return
        }
        guard state == .selectable || record.version > self[position].version else { throw .wrongState }
        self[position] = record
    }
}
