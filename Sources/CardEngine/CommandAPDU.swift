import Octets

/// 命令 APDU A command to a card in short form (ISO/IEC 7816-4, 5.1): at most 255 octets of data, at most 256 back.
package struct CommandAPDU: Hashable, Sendable {
    /// Why octets are no command.
    package enum Fault: Error, Hashable, Sendable {
        case length(Int)
    }

    package let cla: UInt8
    package let ins: UInt8
    package let p1: UInt8
    package let p2: UInt8
    package let data: [UInt8]
    /// How many octets may come back, 1 to 256; nil when none is asked for.
    package let expected: Int?

    package init(_ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: [UInt8] = [], expected: Int? = nil) {
        precondition(data.count <= 255, "the caller made a command of \(data.count) octets without chaining it")
        self.cla = cla
        self.ins = ins
        self.p1 = p1
        self.p2 = p2
        self.data = data
        self.expected = expected
    }

    /// Reads a command in short form; the whole input is used.
    package init(_ octets: [UInt8]) throws(Fault) {
        guard octets.count >= 4 else { throw .length(octets.count) }
        let body = Array(octets[4...])
        var data: [UInt8] = []
        var expected: Int?
        if body.count == 1 {
            expected = body[0] == 0 ? 256 : Int(body[0])
        } else if let count = body.first.map(Int.init), count > 0 {
            guard body.count == count + 1 || body.count == count + 2 else { throw .length(octets.count) }
            data = Array(body[1...count])
            if body.count == count + 2 { expected = body[count + 1] == 0 ? 256 : Int(body[count + 1]) }
        } else if !body.isEmpty {
            throw .length(octets.count)
        }
        self.init(octets[0], octets[1], octets[2], octets[3], data, expected: expected)
    }

    /// The octets on the wire.
    package var encoded: [UInt8] {
        var octets = [cla, ins, p1, p2]
        if !data.isEmpty { octets += [UInt8(data.count)] + data }
        if let expected { octets.append(UInt8(truncatingIfNeeded: expected)) }
        return octets
    }
}

/// 响应 APDU What a card answered: data and a status word.
package struct ResponseAPDU: Hashable, Sendable {
    package let data: [UInt8]
    package let status: StatusWord

    package init(_ data: [UInt8], _ status: StatusWord) {
        self.data = data
        self.status = status
    }

    /// Nothing when fewer than two octets came: the card was torn out (拔卡), whatever the reader says.
    package init?(_ octets: [UInt8]) {
        guard octets.count >= 2 else { return nil }
        data = Array(octets.dropLast(2))
        status = StatusWord(UInt16(octets[octets.count - 2]) << 8 | UInt16(octets[octets.count - 1]))
    }

    package var encoded: [UInt8] { data + status.rawValue.bigEndianOctets }
}
