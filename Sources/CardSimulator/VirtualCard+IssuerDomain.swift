import Encodings
import Octets

/// The commands of the issuer's domain: keys and life cycles (profile CC-1, 2.4).
extension VirtualCard {
    private static let mostKeySets = 3

    /// 80 D8 P1 81: adds a set (P1 = 00) or replaces the one of P1, under the static DEK of the session's own set.
    mutating func putKey(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p2 == 0x81 else { throw .wrongParameters }
        try command.length(1 + 3 * 23)
        guard let session = channel, session.level == 0x33 else { throw .accessDenied }
        let version = command.data[0]
        guard KeySet.isIssuers(version) else { throw .wrongData }
        let isPresent = image.keySets.contains { $0.version == version }
        var set = KeySet(version: version, encryption: [], authentication: [], dataEncryption: [])
        let keys = try newKeys(Array(command.data.dropFirst()), for: set, under: session.set)
        set.encryption = keys[0]
        set.authentication = keys[1]
        set.dataEncryption = keys[2]
        if command.p1 == 0x00 {
            guard !isPresent else { throw .wrongState }
            guard image.keySets.count < Self.mostKeySets else { throw .noRoom }
            image.keySets.append(set)
        } else {
            guard let position = image.keySets.firstIndex(where: { $0.version == command.p1 }) else {
                throw .referenceNotFound
            }
            guard !isPresent || version == command.p1 else { throw .wrongState }
            image.keySets[position] = set
        }
        image.keySets.sort { $0.version < $1.version }
        var answer = [version]
        for key in keys { answer += try set.cipher.checkValue(of: key) }
        return Reply(data: answer)
    }

    /// Three times type 11 10 enc(16) 03 kcv(3); throws 6A80 on a wrong form, type or check value.
    private func newKeys(
        _ octets: [UInt8],
        for set: KeySet,
        under own: KeySet
    ) throws(StatusWord) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        for start in stride(from: 0, to: octets.count, by: 23) {
            let block = Array(octets[start..<start + 23])
            guard Array(block[0..<3]) == [set.keyType, 0x11, 0x10], block[19] == 0x03 else { throw .wrongData }
            let zero = [UInt8](repeating: 0, count: 16)
            let key = try own.cipher.unchained(Array(block[3..<19]), key: own.dataEncryption, initial: zero)
            guard try set.cipher.checkValue(of: key) == Array(block[20..<23]) else {
                throw .wrongData
            }
            keys.append(key)
        }
        return keys
    }

    /// 80 E4 00 00 with D2 01 kvn: deletes a set, never the session's own.
    mutating func deleteKey(_ command: Command) throws(StatusWord) -> Reply {
        try command.parameters(0x00, 0x00)
        try command.length(3)
        try requireIssuerAccess()
        guard command.data[0] == 0xD2, command.data[1] == 0x01 else { throw .wrongData }
        let version = command.data[2]
        guard version != channel?.set.version else { throw .wrongState }
        guard image.keySets.contains(where: { $0.version == version }) else { throw .referenceNotFound }
        image.keySets.removeAll { $0.version == version }
        return .done
    }

    /// 80 F0 80 state for the card, 80 F0 40 state with an AID for an application.
    mutating func setStatus(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x80 || command.p1 == 0x40 else { throw .wrongParameters }
        try requireIssuerAccess()
        guard command.p1 == 0x80 else { return try setApplicationStatus(command) }
        guard command.data.isEmpty || command.data == Application.issuerDomain.identifier else { throw .wrongData }
        guard let next = CardState(rawValue: command.p2), image.state.mayBecome(next) else { throw .wrongState }
        if next == .secured, image.state == .initialized {
            let isComplete = image.applications.allSatisfy { application in
                guard application != .issuerDomain, let state = image[application]?.state else { return true }
                return state == .personalized || state == .personalizedLocked
            }
            let hasTransportKeys = image.keySets.contains { $0.version == KeySet.transport }
            guard isComplete, !hasTransportKeys else { throw .wrongState }
        }
        image.state = next
        return .done
    }

    private mutating func setApplicationStatus(_ command: Command) throws(StatusWord) -> Reply {
        let found = image.applications.first { $0.identifier == command.data }
        guard let found, found != .issuerDomain, var directory = image[found] else { throw .referenceNotFound }
        guard let next = ApplicationState(rawValue: command.p2), directory.state.mayBecome(next) else {
            throw .wrongState
        }
        directory.state = next
        image[found] = directory
        return .done
    }

    /// 80 F2 80|40 02 with 4F00: E3 { 4F AID, 9F70 01 state } for the ISD, or for each application.
    mutating func getStatus(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x80 || command.p1 == 0x40, command.p2 == 0x02 else { throw .wrongParameters }
        try command.length(2)
        guard command.data == [0x4F, 0x00] else { throw .wrongData }
        if command.p1 == 0x80 {
            return Reply(data: row(.issuerDomain, image.state.rawValue))
        }
        let rows = image.applications.map { application -> [UInt8] in
            guard application != .issuerDomain, let directory = image[application] else { return [] }
            return row(application, directory.state.rawValue)
        }
        return Reply(data: rows.flatMap(\.self))
    }

    private func row(_ application: Application, _ state: UInt8) -> [UInt8] {
        BERTLV(0xE3, [BERTLV(0x4F, application.identifier), BERTLV(0x9F70, [state])]).encoded
    }
}
