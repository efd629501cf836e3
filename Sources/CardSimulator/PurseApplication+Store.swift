import Octets

/// The DGIs of the purse.
extension PurseApplication {
    mutating func store(_ grouping: DataGrouping, under set: KeySet) throws(StatusWord) {
        switch grouping.identifier {
        case 0xEF15:
            guard grouping.data.count <= 30 else { throw .noRoom }
            guard grouping.data.count == 30 else { throw .wrongData }
            guard directory.state == .selectable else { throw .wrongState }
            try replace(Self.publicFile, grouping.data)
        case 0xEF16: try replace(Self.holderFile, grouping.data)
        case 0xEF17: try replace(Self.applicationFile, grouping.data)
        case 0xEF1A: try storeComposite(grouping.data)
        case 0x0020: try storeLimits(grouping.data)
        case 0x8020: try storeKey(try KeyRecord(try grouping.secret(32, under: set)))
        default: throw .referenceNotFound
        }
    }

    private mutating func replace(_ identifier: UInt16, _ content: [UInt8]) throws(StatusWord) {
        guard let position = directory.position(of: identifier) else { throw .referenceNotFound }
        try directory.files[position].replace(content)
    }

    /// number(1) ‖ record(72): personalisation, a desk's correction (补票), an unlock.
    private mutating func storeComposite(_ octets: [UInt8]) throws(StatusWord) {
        guard let position = directory.position(of: Self.compositeFile) else { throw .referenceNotFound }
        guard octets.count == 73, octets[2] == CompositeRecord.length, octets[3] <= 0x01 else { throw .wrongData }
        try directory.files[position].store(numbered: octets)
    }

    /// maximum balance(4) ‖ maximum single amount(4), in fen.
    private mutating func storeLimits(_ octets: [UInt8]) throws(StatusWord) {
        guard octets.count == 8 else { throw .wrongData }
        let balance = octets[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let amount = octets[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard balance < Self.amountBound, amount < Self.amountBound else { throw .wrongData }
        maximumBalanceFen = balance
        maximumAmountFen = amount
    }

    /// DPK 01 (index 02: 互通消费密钥, interconnection), DLK 02, DTK 03; 3DES or SM4.
    private mutating func storeKey(_ key: KeyRecord) throws(StatusWord) {
        guard (0x01...0x03).contains(key.type), key.algorithm == 0x00 || key.algorithm == 0x04,
            key.index == 0x01 || key.type == 0x01 && key.index == 0x02
        else { throw .wrongData }
        try directory.keys.store(key, state: directory.state)
    }
}
