/// 复合应用记录 A record of EF1A, 72 octets: one open or closed trip (profile CC-1, 2.8).
struct CompositeRecord: Hashable, Sendable {
    /// Octets after the length octet.
    static let length: UInt8 = 0x46
    static let size = 72
    private static let entry = 3..<27
    private static let exit = 27..<51
    private static let isEntered: UInt8 = 0x01

    let octets: [UInt8]

    /// Nil unless there are 72 octets.
    init?(_ octets: [UInt8]) {
        guard octets.count == Self.size else { return nil }
        self.octets = octets
    }

    /// 01 rail, 02 bus, 03 ferry, 04 parking and bicycle.
    var identifier: UInt8 { octets[0] }

    /// Entered and not yet left.
    var isLocked: Bool { octets[2] == 0x01 }

    /// Length 46, lock 00 or 01; a lock only with an entry and without an exit.
    var isSound: Bool {
        guard octets[1] == Self.length, octets[2] <= 0x01 else { return false }
        guard isLocked else { return true }
        return octets[Self.entry.lowerBound] == Self.isEntered && octets[Self.exit].allSatisfy { $0 == 0 }
    }

    /// Whether a record may follow this one: an open entry comes back unchanged and is closed, no gate can wipe it.
    func mayBeFollowed(by next: CompositeRecord) -> Bool {
        guard isLocked else { return true }
        let isClosed = next.octets[Self.exit.lowerBound] == 0x02 || next.octets[Self.exit.lowerBound] == 0x03
        return next.octets[Self.entry] == octets[Self.entry] && isClosed && !next.isLocked
    }
}
