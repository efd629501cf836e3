import Octets

/// STORE DATA 80 E2 (profile CC-1, 2.5): blocks in order, the whole list checked, then committed or not at all.
extension VirtualCard {
    private static let moreBlocks: UInt8 = 0x08
    private static let lastBlock: UInt8 = 0x88

    mutating func storeData(
        _ command: Command,
        after earlier: Selection
    ) throws(StatusWord) -> Reply {
        var list = earlier.list ?? Selection.UnfinishedList()
        guard command.p1 == Self.moreBlocks || command.p1 == Self.lastBlock, Int(command.p2) == list.blocks else {
            throw .wrongParameters
        }
        guard (1...SecureChannel.mostPlain).contains(command.data.count) else { throw .wrongLength }
        try requireStoringState()
        try requireIssuerAccess()
        list.joined += command.data
        list.blocks += 1
        guard list.joined.count <= DataGrouping.mostOctets else { throw .noRoom }
        guard command.p1 == Self.lastBlock else {
            selection.list = list
            return .done
        }
        guard let session = channel else { throw .accessDenied }
        var next = image
        for grouping in try DataGrouping.list(list.joined) {
            try next.store(grouping, in: selection.application, under: session.set)
        }
        next[selection.application]?.lists.add(list.joined)
        image = next
        return .done
    }

    private func requireStoringState() throws(StatusWord) {
        guard selection.application == .issuerDomain else { return try requireUnlocked() }
        guard image.state == .initialized || image.state == .secured else { throw .wrongState }
    }
}

extension CardImage {
    /// One DGI; the caller works on a copy and keeps it only when the whole list went in.
    mutating func store(
        _ grouping: DataGrouping,
        in application: Application,
        under set: KeySet
    ) throws(StatusWord) {
        switch application {
        case .issuerDomain: try storeDomain(grouping)
        case .piv: try piv.store(grouping, under: set, pin: &pin)
        case .citizen: try citizen.store(grouping, under: set)
        case .purse: try purse.store(grouping, under: set)
        case .sector(let number):
            guard let position = sectors.firstIndex(where: { $0.number == number }) else { throw .wrongState }
            try sectors[position].store(grouping, under: set)
            guard freeRoom >= 0 else { throw .noRoom }
        case .masterFile: throw .unknownInstruction
        }
    }
}
