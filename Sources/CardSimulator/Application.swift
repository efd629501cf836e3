import Octets

/// 应用 The applications of a card, in the order in which a partial name is matched (profile CC-1, 2.2).
enum Application: Hashable, Sendable {
    case issuerDomain
    case piv
    case citizen
    case purse
    case sector(UInt8)
    case masterFile

    /// The application identifier, or the DF name of the MF.
    var identifier: [UInt8] {
        switch self {
        case .issuerDomain: [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00]
        case .piv: [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00]
        case .citizen: [0xF0, 0x43, 0x43, 0x31, 0x01, 0x01]
        case .purse: [0xF0, 0x43, 0x43, 0x31, 0x01, 0x02]
        case .sector(let number): [0xF0, 0x43, 0x43, 0x31, 0x02, number]
        case .masterFile: Array("1PAY.SYS.DDF01".utf8)
        }
    }

    /// The file identifiers by which SELECT finds the application.
    var fileIdentifiers: [UInt16] {
        switch self {
        case .issuerDomain, .piv: []
        case .citizen: [0xDF01]
        case .purse: [0x1001, 0x3F01]
        case .sector(let number): [0xDF40 + UInt16(number)]
        case .masterFile: [0x3F00]
        }
    }
}
