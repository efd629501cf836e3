import Octets

/// 芯片序列号 CSN: fabricator(2) ‖ type(2) ‖ batch(2) ‖ serial(4), shown as 20 upper-case digits.
package struct ChipSerial: Hashable, Sendable, CustomStringConvertible {
    /// A text that is not 20 hexadecimal digits.
    package struct Malformed: Error, Hashable, Sendable {}

    /// Ten octets.
    package let octets: [UInt8]

    /// Reads 20 hexadecimal digits.
    package init(_ text: some StringProtocol) throws(Malformed) {
        guard let octets = try? Hex.decode(text), octets.count == 10 else { throw Malformed() }
        self.octets = octets
    }

    /// A serial of the simulator's own fabricator 4343 ("CC"), type 0001, batch 2501.
    package init(number: UInt32) {
        octets = [0x43, 0x43, 0x00, 0x01, 0x25, 0x01] + number.bigEndianOctets
    }

    init(production data: [UInt8]) {
        octets = Array(data[0..<4] + data[16..<18] + data[12..<16])
    }

    /// CPLC, 42 octets: the serial's parts in their places, plausible dates, zeros elsewhere.
    var production: [UInt8] {
        let systemAndFabrication: [UInt8] = [0x43, 0x43, 0x52, 0x60, 0x01, 0x00, 0x52, 0x60]
        let head = octets[0..<4] + systemAndFabrication + octets[6..<10] + octets[4..<6]
        return Array(head) + [UInt8](repeating: 0, count: 24)
    }

    /// 20 upper-case digits.
    package var description: String { Hex.encodeUpper(octets) }
}
