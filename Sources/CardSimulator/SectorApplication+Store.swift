import Octets

/// The DGIs of a sector's application, and those of the ISD that create, extend and delete it.
extension SectorApplication {
    /// 0070: ss(1) pv(2) alg(1) n(1) ‖ n x 9.
    init(creating octets: [UInt8]) throws(StatusWord) {
        guard octets.count >= 5, (0x01...0x3F).contains(octets[0]), octets[3] == 0x08 || octets[3] == 0x18 else {
            throw .wrongData
        }
        number = octets[0]
        profileVersion = UInt16(octets[1]) << 8 | UInt16(octets[2])
        algorithm = octets[3]
        directory = DedicatedFile()
        try addFiles(octets.dropFirst(5), count: Int(octets[4]))
    }

    mutating func store(_ grouping: DataGrouping, under set: KeySet) throws(StatusWord) {
        if grouping.identifier == 0x8020 {
            return try storeKey(try KeyRecord(try grouping.secret(32, under: set)))
        }
        guard let position = directory.position(of: grouping.identifier) else { throw .referenceNotFound }
        if directory.files[position].form == .transparent {
            try directory.files[position].replace(grouping.data)
        } else {
            try directory.files[position].store(numbered: grouping.data)
        }
    }

    /// Types 11 EA (index 01 read, 02 write), 12 IA, 13 MK in the application's own algorithm.
    private mutating func storeKey(_ key: KeyRecord) throws(StatusWord) {
        guard (0x11...0x13).contains(key.type), key.algorithm == algorithm,
            key.index == 0x01 || key.type == 0x11 && key.index == 0x02
        else { throw .wrongData }
        try directory.keys.store(key, state: directory.state)
        guard directory.keys.count <= Self.mostKeys else { throw .noRoom }
    }
}

extension CardImage {
    /// 0070 creates, 0071 wipes and removes, 0072 adds files to a sector's application.
    mutating func storeDomain(_ grouping: DataGrouping) throws(StatusWord) {
        let data = grouping.data
        switch grouping.identifier {
        case 0x0070:
            let sector = try SectorApplication(creating: data)
            guard !sectors.contains(where: { $0.number == sector.number }) else { throw .wrongState }
            sectors.append(sector)
            sectors.sort { $0.number < $1.number }
        case 0x0071:
            guard data.count == 1 else { throw .wrongData }
            guard sectors.contains(where: { $0.number == data[0] }) else { throw .referenceNotFound }
            sectors.removeAll { $0.number == data[0] }
        case 0x0072:
            guard data.count >= 4 else { throw .wrongData }
            guard let position = sectors.firstIndex(where: { $0.number == data[0] }) else { throw .referenceNotFound }
            try sectors[position].addFiles(data.dropFirst(4), count: Int(data[3]))
            sectors[position].profileVersion = UInt16(data[1]) << 8 | UInt16(data[2])
        default: throw .referenceNotFound
        }
        guard freeRoom >= 0, sectors.count <= SectorApplication.mostApplications else { throw .noRoom }
    }
}
