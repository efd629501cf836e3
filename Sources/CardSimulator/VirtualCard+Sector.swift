import Cryptography
import Octets

/// A sector's own keys: external and internal authentication, maintenance under MAC (profile CC-1, 2.9).
extension VirtualCard {
    /// Whether an access octet is satisfied; any set bit suffices, 40 demands the PIN besides.
    func isGranted(_ rule: UInt8) -> Bool {
        typealias Access = ElementaryFile.Access
        if rule & Access.issuer != 0, hasIssuerAccess { return true }
        guard rule & Access.holderBesides == 0 || selection.holderIsVerified else { return false }
        if rule & Access.always != 0 { return true }
        if rule & Access.holder != 0, selection.holderIsVerified { return true }
        if rule & Access.reader != 0, selection.sectorReader == 0x01 { return true }
        return rule & Access.writer != 0 && selection.sectorReader == 0x02
    }

    /// 00 84 00 00, Le 08 or 10.
    mutating func getChallenge(_ command: Command) throws(StatusWord) -> Reply {
        try command.parameters(0x00, 0x00)
        try command.length(0)
        guard let le = command.le, le == 0x08 || le == 0x10 else { throw .wrongLength }
        try requireUnlocked()
        try requireWorkingState()
        let challenge = random.octets(Int(le))
        selection.challenge = challenge
        selection.challengedJustNow = true
        return Reply(data: challenge)
    }

    /// 00 82 00 idx 10 E(key, challenge): a reader authority (type 10) or a sector's EA key (type 11).
    mutating func externalAuthenticate(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x00 else { throw .wrongParameters }
        try command.length(16)
        try requireUnlocked()
        try requireWorkingState()
        guard let challenge = selection.challenge, challenge.count == 16 else { throw .wrongState }
        let type: UInt8 = selection.application == .citizen ? 0x10 : 0x11
        guard let position = image[selection.application]?.keys.position(type: type, index: command.p2),
            let key = image[selection.application]?.keys[position]
        else { throw .referenceNotFound }
        selection.challenge = nil
        selection.readerMask = 0
        selection.sectorReader = nil
        guard key.triesLeft > 0 else { throw .blocked }
        guard constantTimeEquals(try key.cipher.encrypted(challenge, key: key.key), command.data) else {
            image[selection.application]?.keys[position].triesLeft -= 1
            throw .authenticationFailed
        }
        image[selection.application]?.keys[position].triesLeft = key.tries
        if type == 0x10 { selection.readerMask = key.mask } else { selection.sectorReader = key.index }
        return .done
    }

    /// 00 88 00 01 10 challenge: CMAC(IA, 01 ‖ AID ‖ CSN ‖ challenge), the card's proof to the sector.
    mutating func internalAuthenticate(_ command: Command) throws(StatusWord) -> Reply {
        try command.parameters(0x00, 0x01)
        try command.length(16)
        try requireUnlocked()
        let keys = image[selection.application]?.keys ?? []
        guard let position = keys.position(type: 0x12, index: 0x01) else { throw .referenceNotFound }
        let message = [0x01] + selection.application.identifier + image.serial.octets + command.data
        return Reply(data: try keys[position].cipher.code(of: message, key: keys[position].key))
    }

    /// 04 1E 00 00 08 MAC: the sector locks itself; unlocking is SC alone.
    mutating func blockApplication(_ command: Command, after earlier: Selection) throws(StatusWord) -> Reply {
        guard command.isSecured else { throw .accessDenied }
        try command.parameters(0x00, 0x00)
        try command.length(8)
        try requireUnlocked()
        try requireWorkingState()
        return try maintain(command, rule: ElementaryFile.Access.maintenance, after: earlier) { directory, _ in
            directory.state = .personalizedLocked
        }
    }

    /// Maintenance: data ‖ MAC(8) over the challenge asked directly before; the answer is a MAC over both and 9000.
    mutating func maintain(
        _ command: Command,
        rule: UInt8,
        after earlier: Selection,
        _ change: (inout DedicatedFile, [UInt8]) throws(StatusWord) -> Void
    ) throws(StatusWord) -> Reply {
        guard command.data.count >= 8 else { throw .wrongLength }
        guard earlier.challengedJustNow, let challenge = selection.challenge, challenge.count == 16 else {
            throw .wrongState
        }
        selection.challenge = nil
        guard case .sector = selection.application, rule & ElementaryFile.Access.maintenance != 0,
            rule & ElementaryFile.Access.holderBesides == 0 || selection.holderIsVerified,
            var directory = image[selection.application],
            let position = directory.keys.position(type: 0x13, index: 0x01)
        else { throw .accessDenied }
        let key = directory.keys[position]
        guard key.triesLeft > 0 else { throw .blocked }
        let body = Array(command.data.dropLast(8))
        let sent = Array(command.data.suffix(8))
        let head = [0x04, command.ins, command.p1, command.p2, UInt8(command.data.count)]
        let code = try key.cipher.code(of: [0x01] + challenge + head + body, key: key.key)
        guard constantTimeEquals(code.prefix(8), sent) else {
            image[selection.application]?.keys[position].triesLeft -= 1
            throw .wrongMAC
        }
        directory.keys[position].triesLeft = key.tries
        try change(&directory, body)
        image[selection.application] = directory
        let answer = try key.cipher.code(
            of: [0x02] + challenge + sent + StatusWord.done.octets,
            key: key.key
        )
        return Reply(data: Array(answer.prefix(8)))
    }
}
