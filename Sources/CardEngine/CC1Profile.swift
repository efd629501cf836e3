import Encodings
import Octets

/// 卡型 CC-1: application identifiers, files and fixed values of the city's own card profile.
package enum CC1 {
    /// Issuer security domain, selected after reset.
    package static let issuerDomain: [UInt8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00]
    /// PIV application (NIST SP 800-73), full name.
    package static let piv: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00]
    /// 市民数据 Citizen application.
    package static let citizen: [UInt8] = [0xF0, 0x43, 0x43, 0x31, 0x01, 0x01]
    /// 电子钱包 Purse application.
    package static let purse: [UInt8] = [0xF0, 0x43, 0x43, 0x31, 0x01, 0x02]

    /// Life cycle of card and applications (GlobalPlatform 2.3, 5).
    package enum LifeCycle: UInt8, Hashable, Sendable {
        case initialized = 0x07
        case secured = 0x0F
        case locked = 0x7F
        case terminated = 0xFF
    }

    /// 芯片序列号 CSN: fabricator, type, batch and serial of the CPLC, 10 octets.
    package static func serialNumber(cplc: [UInt8]) -> [UInt8]? {
        guard let object = try? BERTLV.one(cplc), object.tag == 0x9F7F, object.value.count == 42 else { return nil }
        let value = object.value
        return Array(value[0..<4] + value[16..<18] + value[12..<16])
    }

    /// Two digits an octet; nil when a character is no digit or their number is odd.
    package static func bcd(_ digits: String) -> [UInt8]? {
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return try? Hex.decode(digits)
    }
}

/// PIV 密钥槽 A key reference of SP 800-73 with its certificate object.
package enum PIVSlot: UInt8, Hashable, Sendable, CaseIterable {
    case authentication = 0x9A
    case signature = 0x9C
    case keyManagement = 0x9D
    case proof = 0x9E

    package var certificateObject: [UInt8] {
        switch self {
        case .authentication: [0x5F, 0xC1, 0x05]
        case .signature: [0x5F, 0xC1, 0x0A]
        case .keyManagement: [0x5F, 0xC1, 0x0B]
        case .proof: [0x5F, 0xC1, 0x01]
        }
    }

    package var name: String { Hex.encodeUpper([rawValue]) }
}

/// PIV 数据对象 The values of the data objects of the identity part.
package enum PIVObject {
    package static let cardHolderIdentifier: [UInt8] = [0x5F, 0xC1, 0x02]
    package static let capabilities: [UInt8] = [0x5F, 0xC1, 0x07]

    /// A certificate object: 70 certificate, 71 00 (not compressed), FE.
    package static func certificate(_ der: [UInt8]) -> [UInt8] {
        BERTLV(0x70, der).encoded + [0x71, 0x01, 0x00, 0xFE, 0x00]
    }

    /// CHUID (SP 800-73-4 part 1, 3.1.2): agency 9999, GUID from the chip's serial number, expiry date.
    package static func holderIdentifier(csn: [UInt8], expires: String) -> [UInt8] {
        let fascN = (try? Hex.decode("D4E739DA739CED39CE739DA1685A1082108CE73984108CA3FA")) ?? []
        let identifier = csn + [UInt8](repeating: 0, count: 6)
        return BERTLV(0x30, fascN).encoded + BERTLV(0x34, identifier).encoded
            + BERTLV(0x35, Array(expires.utf8)).encoded
            + [0x3E, 0x00, 0xFE, 0x00]
    }

    /// CCC (SP 800-73-4 part 1, 3.1.1) in the form the common tools write.
    package static func cardCapabilities(csn: [UInt8]) -> [UInt8] {
        let identifier = csn + [UInt8](repeating: 0, count: 4)
        let head = [0xF0, 0x15, 0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02].map(UInt8.init)
        let tail = "F10121F20121F300F40100F50110F600F700FA00FB00FC00FD00FE00"
        return head + identifier + ((try? Hex.decode(tail)) ?? [])
    }

    /// DGI 0101: one object into the PIV application.
    package static func group(_ tag: [UInt8], _ content: [UInt8]) -> DataGroup {
        DataGroup(0x0101, BERTLV(0x5C, tag).encoded + BERTLV(0x53, content).encoded)
    }
}
