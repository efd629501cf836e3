import Encodings
import Octets

/// GET DATA 80 CA (profile CC-1, 2.4, 2.5, 2.6).
extension VirtualCard {
    private static let firstField: UInt16 = 0x00D0
    private static let lastField: UInt16 = 0x00D7

    mutating func getData(_ command: Command) throws(StatusWord) -> Reply {
        try command.length(0)
        let application = selection.application
        switch command.p1p2 {
        case 0x9F7F:
            return Reply(data: [0x9F, 0x7F, 0x2A] + image.production)
        case 0xDF32:
            return Reply(data: (image[application]?.keys ?? []).flatMap(\.publicRow))
        case 0x00E0 where application == .issuerDomain:
            return Reply(data: BERTLV(0xE0, image.keySets.flatMap(\.information)).encoded)
        case 0xDF33 where application == .issuerDomain:
            try requireIssuerAccess()
            let left = SectorApplication.mostApplications - image.sectors.count
            return Reply(data: UInt16(image.freeRoom).bigEndianOctets + [UInt8(left)])
        case 0xDF30 where application != .masterFile:
            try requireIssuerAccess()
            return Reply(data: image[application]?.lists.octets ?? [])
        case 0xDF31 where application != .masterFile:
            try requireIssuerAccess()
            return Reply(data: try checkValues(application))
        case Self.firstField...Self.lastField where application == .citizen:
            return Reply(data: try field(command.p2))
        default:
            throw .referenceNotFound
        }
    }

    private func checkValues(_ application: Application) throws(StatusWord) -> [UInt8] {
        guard application != .piv else {
            let key = image.piv.management
            return [0x9B, 0x00, 0x00, key.algorithm] + (try key.cipher.checkValue(of: key.key))
        }
        var rows: [UInt8] = []
        for key in image[application]?.keys ?? [] { rows += try key.checkRow() }
        return rows
    }

    /// 单项 One field of EF07 or EF09 with its salt; access is decided before absence shows.
    private func field(_ tag: UInt8) throws(StatusWord) -> [UInt8] {
        let mask = CitizenApplication.Mask.field(tag) ?? 0
        guard selection.readerMask & mask != 0 || selection.holderIsVerified || hasIssuerAccess else {
            throw .accessDenied
        }
        for identifier in [CitizenApplication.nameFile, CitizenApplication.identityFile] {
            let directory = image.citizen.directory
            guard let position = directory.position(of: identifier),
                let objects = try? BERTLV.list(directory.files[position].content),
                let found = objects.first(where: { $0.tag == UInt32(tag) })
            else { continue }
            return found.value
        }
        throw .referenceNotFound
    }
}
