import Octets

/// The chunk `pHYs` of a PNG (ISO/IEC 15948, 11.3.5.3): without it a printer does not know how large the picture is.
enum PNGResolution {
    /// The picture with the chunk behind its header, which is the first 33 octets of every PNG.
    static func marked(_ png: [UInt8], dotsPerMetre: UInt32) -> [UInt8] {
        let content =
            Array("pHYs".utf8) + dotsPerMetre.bigEndianOctets + dotsPerMetre.bigEndianOctets + [1 as UInt8]
        let chunk = UInt32(9).bigEndianOctets + content + checksum(content).bigEndianOctets
        return Array(png.prefix(33)) + chunk + Array(png.dropFirst(33))
    }

    /// CRC-32 of ISO 3309, as every PNG chunk carries it.
    static func checksum(_ octets: [UInt8]) -> UInt32 {
        var rest: UInt32 = 0xFFFF_FFFF
        for octet in octets {
            rest ^= UInt32(octet)
            for _ in 0..<8 { rest = rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
        }
        return ~rest
    }
}
