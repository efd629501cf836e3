import Octets

/// 状态字 The two octets that end every answer (ISO/IEC 7816-4, 5.6; GlobalPlatform 2.3, 11.1.3; PBOC purse).
struct StatusWord: RawRepresentable, Hashable, Sendable, Error {
    let rawValue: UInt16

    init(rawValue: UInt16) { self.rawValue = rawValue }

    private init(_ value: UInt16) { self.init(rawValue: value) }

    /// 9000
    static let done = StatusWord(0x9000)
    /// 6283: the selected application is locked.
    static let selectedLocked = StatusWord(0x6283)
    /// 6300: an authentication failed.
    static let authenticationFailed = StatusWord(0x6300)
    /// 6581: the state could not be written.
    static let memoryFailure = StatusWord(0x6581)
    /// 6700
    static let wrongLength = StatusWord(0x6700)
    /// 6981: a record command on a transparent file, or the reverse.
    static let wrongFileForm = StatusWord(0x6981)
    /// 6982
    static let accessDenied = StatusWord(0x6982)
    /// 6983: no tries left, or a dead key set.
    static let blocked = StatusWord(0x6983)
    /// 6985
    static let wrongState = StatusWord(0x6985)
    /// 6986: no file is selected.
    static let noCurrentFile = StatusWord(0x6986)
    /// 6988: the command's MAC is wrong.
    static let wrongMAC = StatusWord(0x6988)
    /// 6A80
    static let wrongData = StatusWord(0x6A80)
    /// 6A81
    static let notSupported = StatusWord(0x6A81)
    /// 6A82
    static let fileNotFound = StatusWord(0x6A82)
    /// 6A83
    static let recordNotFound = StatusWord(0x6A83)
    /// 6A84
    static let noRoom = StatusWord(0x6A84)
    /// 6A86
    static let wrongParameters = StatusWord(0x6A86)
    /// 6A88: the key or data object named is not there.
    static let referenceNotFound = StatusWord(0x6A88)
    /// 6B00: the offset is at or past the end.
    static let wrongOffset = StatusWord(0x6B00)
    /// 6D00
    static let unknownInstruction = StatusWord(0x6D00)
    /// 6E00
    static let unknownClass = StatusWord(0x6E00)
    /// 6F00: the simulator's cryptography gave out.
    static let internalFault = StatusWord(0x6F00)
    /// 9302: a purse MAC is wrong.
    static let purseMAC = StatusWord(0x9302)
    /// 9401: the balance does not suffice.
    static let purseFunds = StatusWord(0x9401)
    /// 9402: the transaction counter is used up.
    static let purseCounter = StatusWord(0x9402)
    /// 9403: the purse key is absent.
    static let purseKey = StatusWord(0x9403)
    /// 9406: no proof of that transaction.
    static let purseProof = StatusWord(0x9406)

    /// 63Cx: a wrong PIN or PUK, x tries are left.
    static func triesLeft(_ count: Int) -> StatusWord { StatusWord(0x63C0 | UInt16(min(count, 15))) }

    /// 61xx: more octets wait, 00 standing for 256 or more.
    static func more(_ count: Int) -> StatusWord { StatusWord(0x6100 | UInt16(count >= 256 ? 0 : count)) }

    /// Whether the answer is protected under secure messaging: 9000 and the warnings 62xx and 63xx.
    var isProtected: Bool {
        switch rawValue >> 8 {
        case 0x90, 0x62, 0x63: true
        default: false
        }
    }

    /// SW1 ‖ SW2.
    var octets: [UInt8] { rawValue.bigEndianOctets }
}

/// What a command is answered with.
struct Reply: Hashable, Sendable {
    var data: [UInt8] = []
    var status = StatusWord.done

    static let done = Reply()

    /// Data ‖ SW1 ‖ SW2.
    var octets: [UInt8] { data + status.octets }
}
