import Octets

/// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE; which access a session gives (profile CC-1, 2.3, 2.4, 3.1).
extension VirtualCard {
    /// SC: level 33 with an issuer's set.
    var hasIssuerAccess: Bool {
        guard let channel else { return false }
        return channel.level == 0x33 && channel.set.isIssuers
    }

    /// ST: level 33 with the transport set.
    var hasTransportAccess: Bool {
        guard let channel else { return false }
        return channel.level == 0x33 && !channel.set.isIssuers
    }

    /// Throws 6982 without SC.
    func requireIssuerAccess() throws(StatusWord) {
        guard hasIssuerAccess else { throw .accessDenied }
    }

    /// 80 50 kvn 00 08: counts the session first, then forms the answer.
    mutating func initializeUpdate(_ command: Command) throws(StatusWord) -> Reply {
        guard channel == nil else { throw .wrongState }
        guard command.p2 == 0x00 else { throw .wrongParameters }
        try command.length(8)
        let position = try keySetPosition(command.p1)
        guard !image.keySets[position].isDead else { throw .blocked }
        image.keySets[position].sequence += 1
        let opening = try SecureChannel.Handshake(
            set: image.keySets[position],
            hostChallenge: command.data,
            application: selection.application.identifier
        )
        let answer = try opening.answer(serial: image.serial.octets)
        handshake = opening
        return Reply(data: answer)
    }

    private func keySetPosition(_ wanted: UInt8) throws(StatusWord) -> Int {
        let lowest = image.keySets.map(\.version).filter(KeySet.isIssuers).min() ?? KeySet.transport
        let version = wanted == 0x00 ? lowest : wanted
        guard let position = image.keySets.firstIndex(where: { $0.version == version }) else {
            throw .referenceNotFound
        }
        let isTransport = version == KeySet.transport
        guard !isTransport || selection.application == .issuerDomain && image.state == .initialized else {
            throw .wrongState
        }
        return position
    }

    /// 84 82 level 00 10 hostCryptogram MAC; a failure is counted in the set.
    mutating func openSession(_ command: Command) throws(StatusWord) -> Reply {
        guard SecureChannel.levels.contains(command.p1), command.p2 == 0x00 else { throw .wrongParameters }
        try command.length(16)
        guard let opening = handshake else { throw .wrongState }
        handshake = nil
        guard let position = image.keySets.firstIndex(where: { $0.version == opening.set.version }) else {
            throw .referenceNotFound
        }
        do {
            channel = try opening.opened(by: command)
            image.keySets[position].failures = 0
        } catch {
            if error == .authenticationFailed { image.keySets[position].failures += 1 }
            throw error
        }
        return .done
    }
}
