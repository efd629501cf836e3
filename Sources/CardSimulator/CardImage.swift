package import Cryptography
import Octets

/// 卡片映像 All that a card keeps without power, as a value: written to the state file before an answer leaves.
package struct CardImage: Codable, Hashable, Sendable {
    /// Which card it is.
    package enum Make: String, Codable, Hashable, Sendable {
        /// The CC-1 chip: P-256 and SM2, AES and SM4.
        case citizen = "cc-1"
        /// A standard PIV card of another maker.
        case piv
    }

    /// Which card it is; never changes.
    package let make: Make
    @Hexadecimal var production: [UInt8]
    /// The ISD's life cycle; for the card of another maker without meaning.
    package internal(set) var state = CardState.initialized
    var keySets: [KeySet]
    var pin = HolderPIN.blank
    var domain = DedicatedFile()
    var piv = PIVApplication()
    var citizen = CitizenApplication()
    var purse = PurseApplication()
    /// In the order of their numbers.
    var sectors: [SectorApplication] = []

    /// A blank from the vendor: 07, transport keys KVN FF from the lot's master, well-known PIN, PUK and 9B.
    package init(blank serial: ChipSerial, lotMaster: [UInt8]) throws(CryptographyFault) {
        make = .citizen
        production = serial.production
        keySets = [try KeySet.transport(master: lotMaster, serial: serial.octets)]
    }

    /// A standard PIV card of another maker with the well-known values and no SCP03.
    package init(foreignPIV serial: ChipSerial) {
        make = .piv
        production = serial.production
        keySets = []
    }

    /// 芯片序列号 The chip's serial as CPLC has it.
    package var serial: ChipSerial { ChipSerial(production: production) }

    /// The applications in the order in which a name is matched.
    var applications: [Application] {
        guard make == .citizen else { return [.piv] }
        return [.issuerDomain, .piv, .citizen, .purse] + sectors.map { .sector($0.number) } + [.masterFile]
    }

    /// The part every application has; nil for the MF and for a sector that is not there.
    subscript(application: Application) -> DedicatedFile? {
        get {
            switch application {
            case .issuerDomain: domain
            case .piv: piv.directory
            case .citizen: citizen.directory
            case .purse: purse.directory
            case .sector(let number): sectors.first { $0.number == number }?.directory
            case .masterFile: nil
            }
        }
        set {
            guard let newValue else { return }
            switch application {
            case .issuerDomain: domain = newValue
            case .piv: piv.directory = newValue
            case .citizen: citizen.directory = newValue
            case .purse: purse.directory = newValue
            case .sector(let number):
                guard let position = sectors.firstIndex(where: { $0.number == number }) else { return }
                sectors[position].directory = newValue
            case .masterFile: return
            }
        }
    }

    /// Octets that sector applications may still take.
    var freeRoom: Int { SectorApplication.totalRoom - sectors.reduce(0) { $0 + $1.room } }
}
