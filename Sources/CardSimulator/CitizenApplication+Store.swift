import Octets

/// The DGIs of the citizen's data.
extension CitizenApplication {
    mutating func store(_ grouping: DataGrouping, under set: KeySet) throws(StatusWord) {
        switch grouping.identifier {
        case 0x0021: try removeReaders(grouping.data)
        case 0x8020: try storeKey(try KeyRecord(try grouping.secret(32, under: set)))
        case Self.photoFile: throw .referenceNotFound
        default:
            guard let position = directory.position(of: grouping.identifier) else { throw .referenceNotFound }
            if directory.files[position].form == .transparent {
                try directory.files[position].replace(grouping.data)
            } else {
                try directory.files[position].store(numbered: grouping.data)
            }
        }
    }

    /// 0021: a list of type(1) idx(1); an absent one is no error.
    private mutating func removeReaders(_ rows: [UInt8]) throws(StatusWord) {
        guard !rows.isEmpty, rows.count.isMultiple(of: 2) else { throw .wrongData }
        for start in stride(from: 0, to: rows.count, by: 2) {
            guard rows[start] == 0x10 else { throw .wrongData }
            directory.keys.removeAll { $0.type == rows[start] && $0.index == rows[start + 1] }
        }
    }

    /// Type 10, AES or SM4; index 01 for the city's desks, 40 + ss for a sector.
    private mutating func storeKey(_ key: KeyRecord) throws(StatusWord) {
        guard key.type == 0x10, key.algorithm == 0x08 || key.algorithm == 0x18,
            key.index == 0x01 || (0x41...0x7F).contains(key.index), key.mask & ~Mask.all == 0
        else { throw .wrongData }
        try directory.keys.store(key, state: directory.state)
        guard directory.keys.count <= Self.mostReaderKeys else { throw .noRoom }
    }
}
