import Octets

/// VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (profile CC-1, 2.7).
extension VirtualCard {
    private static let pinReference: UInt8 = 0x80
    private static let pukReference: UInt8 = 0x81

    /// 00 20 00 80: with eight octets a try, without any a question; P1 = FF forgets the verification.
    mutating func verify(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x00 || command.p1 == 0xFF else { throw .wrongParameters }
        guard command.p2 == Self.pinReference else { throw .referenceNotFound }
        guard command.data.isEmpty || command.data.count == 8 && command.p1 == 0x00 else { throw .wrongLength }
        try requireUnlocked()
        try requireWorkingState()
        guard command.p1 == 0x00 else {
            selection.holderIsVerified = false
            return .done
        }
        guard !command.data.isEmpty else {
            guard selection.holderIsVerified else { throw .triesLeft(image.pin.pin.triesLeft) }
            return .done
        }
        guard image.pin.pin.triesLeft > 0 else { throw .blocked }
        guard HolderPIN.isWellFormed(command.data) else { throw .wrongData }
        selection.holderIsVerified = false
        try image.pin.pin.check(command.data)
        selection.holderIsVerified = true
        selection.verifiedJustNow = true
        return .done
    }

    /// 00 24 00 80|81 10 old ‖ new; a transport PIN becomes the holder's own here and nowhere else.
    mutating func changeReference(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x00 else { throw .wrongParameters }
        guard command.p2 == Self.pinReference || command.p2 == Self.pukReference else { throw .referenceNotFound }
        try command.length(16)
        try requireUnlocked()
        let old = Array(command.data.prefix(8))
        let new = Array(command.data.suffix(8))
        guard command.p2 == Self.pinReference else {
            try image.pin.puk.check(old)
            image.pin.puk.value = new
            return .done
        }
        guard image.pin.pin.triesLeft > 0 else { throw .blocked }
        guard HolderPIN.isWellFormed(old), HolderPIN.isWellFormed(new) else { throw .wrongData }
        selection.holderIsVerified = false
        try image.pin.pin.check(old)
        image.pin.pin.value = new
        image.pin.isTransport = false
        selection.holderIsVerified = true
        return .done
    }

    /// 00 2C 00 80 10 PUK ‖ new PIN.
    mutating func resetRetry(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x00 else { throw .wrongParameters }
        guard command.p2 == Self.pinReference else { throw .referenceNotFound }
        try command.length(16)
        try requireUnlocked()
        let new = Array(command.data.suffix(8))
        guard image.pin.puk.triesLeft > 0 else { throw .blocked }
        guard HolderPIN.isWellFormed(new) else { throw .wrongData }
        try image.pin.puk.check(Array(command.data.prefix(8)))
        image.pin.pin = HolderPIN.Reference(new, tries: image.pin.pin.tries)
        selection.holderIsVerified = false
        return .done
    }
}
