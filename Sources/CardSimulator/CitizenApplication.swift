/// 市民数据 The citizen's data: files EF05 to EF1D and the reader authorities (profile CC-1, 2.6).
struct CitizenApplication: Codable, Hashable, Sendable {
    static let cardFile: UInt16 = 0xEF05
    static let publicFile: UInt16 = 0xEF06
    static let nameFile: UInt16 = 0xEF07
    static let photoFile: UInt16 = 0xEF08
    static let identityFile: UInt16 = 0xEF09
    static let indexFile: UInt16 = 0xEF0A
    static let securityFile: UInt16 = 0xEF1D
    static let mostReaderKeys = 16

    /// The bits of a read mask.
    enum Mask {
        static let name: UInt16 = 0x0001
        static let identity: UInt16 = 0x007E
        static let photo: UInt16 = 0x0080
        static let index: UInt16 = 0x0100
        static let all: UInt16 = 0x01FF

        /// The bit of a single field D0 to D7; D1 and D2 share one.
        static func field(_ tag: UInt8) -> UInt16? {
            switch tag {
            case 0xD0: 0x0001
            case 0xD1, 0xD2: 0x0002
            case 0xD3: 0x0004
            case 0xD4: 0x0008
            case 0xD5: 0x0010
            case 0xD6: 0x0020
            case 0xD7: 0x0040
            default: nil
            }
        }
    }

    var directory = DedicatedFile(files: [
        ElementaryFile(cardFile, .transparent, size: 128),
        ElementaryFile(publicFile, .transparent, size: 64),
        ElementaryFile(nameFile, .transparent, size: 128),
        ElementaryFile(photoFile, .transparent, size: 6_144),
        ElementaryFile(identityFile, .transparent, size: 512),
        ElementaryFile(indexFile, .linear, size: 32, capacity: 40),
        ElementaryFile(securityFile, .transparent, size: 512),
    ])
}
