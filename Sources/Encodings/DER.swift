import Octets

/// Writes the distinguished encoding of ASN.1 (X.690), the form of certificates and signatures.
package enum DER {
    /// SEQUENCE.
    package static func sequence(_ children: [UInt8]...) -> [UInt8] { object(0x30, children.flatMap(\.self)) }
    /// SET of values that are already in order.
    package static func set(_ children: [UInt8]...) -> [UInt8] { object(0x31, children.flatMap(\.self)) }
    /// OCTET STRING.
    package static func octetString(_ octets: [UInt8]) -> [UInt8] { object(0x04, octets) }
    /// BIT STRING of whole octets.
    package static func bitString(_ octets: [UInt8]) -> [UInt8] { object(0x03, [0] + octets) }
    /// BOOLEAN true; false is a default and never written.
    package static let yes: [UInt8] = [0x01, 0x01, 0xFF]
    /// UTF8String.
    package static func utf8(_ text: String) -> [UInt8] { object(0x0C, Array(text.utf8)) }
    /// PrintableString; the caller gives characters of its alphabet.
    package static func printable(_ text: String) -> [UInt8] { object(0x13, Array(text.utf8)) }
    /// IA5String content under a tag of the caller, as in GeneralName.
    package static func tagged(_ tag: UInt8, _ octets: [UInt8]) -> [UInt8] { object(tag, octets) }

    /// INTEGER from an unsigned big-endian magnitude.
    package static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        var octets = Array(magnitude.drop { $0 == 0 })
        if octets.isEmpty { octets = [0] }
        return object(0x02, octets[0] & 0x80 == 0 ? octets : [0] + octets)
    }

    /// INTEGER from a small number.
    package static func integer(_ value: UInt32) -> [UInt8] { integer(value.bigEndianOctets) }

    /// ENUMERATED.
    package static func enumerated(_ value: UInt8) -> [UInt8] { object(0x0A, [value]) }

    /// OBJECT IDENTIFIER from dotted numbers; the caller writes a constant.
    package static func oid(_ dotted: String) -> [UInt8] {
        let arcs = dotted.split(separator: ".").compactMap { UInt64($0) }
        precondition(arcs.count >= 2 && arcs[0] <= 2, "an object identifier in the source is malformed: \(dotted)")
        var octets = base128(arcs[0] * 40 + arcs[1])
        for arc in arcs.dropFirst(2) { octets += base128(arc) }
        return object(0x06, octets)
    }

    /// Tag ‖ length ‖ content.
    package static func object(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag] + BERTLV.lengthOctets(content.count) + content
    }

    private static func base128(_ value: UInt64) -> [UInt8] {
        var octets = [UInt8(value & 0x7F)]
        var rest = value >> 7
        while rest > 0 {
            octets.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
            rest >>= 7
        }
        return octets
    }
}

/// An ECDSA or SM2 signature between its two forms: DER SEQUENCE of two INTEGERs, and r ‖ s of 32 octets each.
package enum SignatureForm {
    /// DER from r ‖ s of 64 octets; nil for another length.
    package static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 64 else { return nil }
        return DER.sequence(DER.integer(Array(raw.prefix(32))), DER.integer(Array(raw.suffix(32))))
    }

    /// r ‖ s from strict DER; nil when the encoding is not the only right one or a number is over 32 octets.
    package static func raw(fromDER der: [UInt8]) -> [UInt8]? {
        guard let outer = try? BERTLV.one(der), outer.tag == 0x30, let parts = try? outer.children(), parts.count == 2
        else { return nil }
        var raw: [UInt8] = []
        for part in parts {
            guard part.tag == 0x02, let first = part.value.first, first & 0x80 == 0 else { return nil }
            let magnitude = Array(part.value.drop { $0 == 0 })
            guard magnitude.count <= 32, DER.integer(magnitude) == part.encoded else { return nil }
            raw += [UInt8](repeating: 0, count: 32 - magnitude.count) + magnitude
        }
        return raw
    }
}
