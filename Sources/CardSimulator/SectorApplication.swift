import Octets

/// 行业应用 A sector's application, created from data: the simulator knows no sector by name (profile CC-1, 2.9).
struct SectorApplication: Codable, Hashable, Sendable {
    /// 01 to 3F.
    let number: UInt8
    var profileVersion: UInt16
    /// 08 AES, 18 SM4: the algorithm of its keys.
    let algorithm: UInt8
    var directory: DedicatedFile

    static let mostApplications = 13
    static let mostFiles = 12
    static let mostKeys = 8
    static let totalRoom = 12_288
    private static let ownRoom = 64
    private static let fileRoom = 16
    private static let keyRoom = 32

    /// Octets of the card's room that the application takes.
    var room: Int {
        Self.ownRoom + directory.keys.count * Self.keyRoom
            + directory.files.reduce(0) { $0 + Self.fileRoom + $1.room }
    }

    /// Adds the n x 9 octets of DGI 0070 or 0072; the access of an existing file never changes.
    mutating func addFiles(_ octets: some Collection<UInt8>, count: Int) throws(StatusWord) {
        let rows = Array(octets)
        guard rows.count == count * 9 else { throw .wrongData }
        for start in stride(from: 0, to: rows.count, by: 9) {
            let file = try Self.file(Array(rows[start..<start + 9]))
            guard directory.position(of: file.identifier) == nil else { throw .wrongData }
            directory.files.append(file)
        }
        guard directory.files.count <= Self.mostFiles else { throw .noRoom }
    }

    private static func file(_ row: [UInt8]) throws(StatusWord) -> ElementaryFile {
        let identifier = UInt16(row[0]) << 8 | UInt16(row[1])
        let amount = Int(row[4]) << 8 | Int(row[5])
        let access = ElementaryFile.Access(read: row[6], append: row[7], update: row[8])
        guard (0xEF01...0xEF1E).contains(identifier), let form = ElementaryFile.Form(rawValue: row[2]), amount > 0,
            access.isSound
        else { throw .wrongData }
        let file: ElementaryFile
        switch form {
        case .transparent:
            guard row[3] == 0 else { throw .wrongData }
            file = ElementaryFile(identifier, form, size: amount, access: access)
        case .linear, .cyclic:
            guard (2...128).contains(row[3]), amount <= 254 else { throw .wrongData }
            file = ElementaryFile(identifier, form, size: Int(row[3]), capacity: amount, access: access)
        }
        guard file.room <= 2_048 else { throw .noRoom }
        return file
    }
}

extension ElementaryFile.Access {
    static let always: UInt8 = 0x01
    static let holder: UInt8 = 0x02
    static let reader: UInt8 = 0x04
    static let writer: UInt8 = 0x08
    static let maintenance: UInt8 = 0x10
    static let holderBesides: UInt8 = 0x40
    static let issuer: UInt8 = 0x80

    /// ALW and EA1 never write; MK never reads; bit 20 means nothing.
    var isSound: Bool {
        let writes = append | update
        return writes & (Self.always | Self.reader) == 0 && read & Self.maintenance == 0
            && (writes | read) & 0x20 == 0
    }
}
