import Octets

/// 命令 A short command APDU (ISO/IEC 7816-4, 5.1); the profile knows no extended length.
struct Command: Hashable, Sendable {
    var cla: UInt8
    let ins: UInt8
    let p1: UInt8
    let p2: UInt8
    var data: [UInt8]
    /// Le as sent: nil when absent, 0 for 00.
    let le: UInt8?

    /// Throws 6700 unless the octets are exactly one short APDU.
    init(_ octets: [UInt8]) throws(StatusWord) {
        guard octets.count >= 4 else { throw .wrongLength }
        cla = octets[0]
        ins = octets[1]
        p1 = octets[2]
        p2 = octets[3]
        switch octets.count {
        case 4:
            data = []
            le = nil
        case 5:
            data = []
            le = octets[4]
        default:
            let count = Int(octets[4])
            guard count > 0, octets.count == 5 + count || octets.count == 6 + count else { throw .wrongLength }
            data = Array(octets[5..<5 + count])
            le = octets.count == 6 + count ? octets.last : nil
        }
    }

    /// The most octets the terminal takes: a command without Le counts as Le = 00, that is 256.
    var expected: Int {
        guard let le, le > 0 else { return 256 }
        return Int(le)
    }

    /// P1 ‖ P2.
    var p1p2: UInt16 { UInt16(p1) << 8 | UInt16(p2) }

    /// CLA without the bits of chaining and secure messaging: 00 or 80.
    var classGroup: UInt8 { cla & ~0x14 }

    /// CLA bit 04.
    var isSecured: Bool { cla & 0x04 != 0 }

    /// CLA bit 10: further parts follow.
    var isChained: Bool { cla & 0x10 != 0 }

    /// Throws 6A86 unless P1 and P2 are the ones of the command's definition.
    func parameters(_ p1: UInt8, _ p2: UInt8) throws(StatusWord) {
        guard self.p1 == p1, self.p2 == p2 else { throw .wrongParameters }
    }

    /// Throws 6700 unless Lc is the one of the command's definition.
    func length(_ count: Int) throws(StatusWord) {
        guard data.count == count else { throw .wrongLength }
    }
}
