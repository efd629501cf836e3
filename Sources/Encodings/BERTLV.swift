import Octets

/// BER-TLV as smart cards use it (ISO/IEC 7816-4, 5.2.2): tags of one to three octets, lengths in the shortest form.
package struct BERTLV: Hashable, Sendable {
    /// Why octets are not one strict BER-TLV list.
    package enum Fault: Error, Hashable, Sendable {
        case truncated(field: String, offset: Int)
        case tag(offset: Int)
        case length(offset: Int)
        case leftOver(offset: Int)
        case missing(tag: UInt32)
    }

    /// The tag as a number: 5F2F, 7F49, C1.
    package let tag: UInt32
    /// The value, undecoded.
    package let value: [UInt8]

    package init(_ tag: UInt32, _ value: [UInt8]) {
        self.tag = tag
        self.value = value
    }

    /// A constructed object around others.
    package init(_ tag: UInt32, _ children: [BERTLV]) {
        self.init(tag, children.flatMap(\.encoded))
    }

    /// Tag ‖ length ‖ value.
    package var encoded: [UInt8] {
        Self.tagOctets(tag) + Self.lengthOctets(value.count) + value
    }

    /// Reads a list of objects; the whole input is used.
    package static func list(_ octets: some Collection<UInt8>) throws(Fault) -> [BERTLV] {
        var cursor = ByteCursor(octets)
        var objects: [BERTLV] = []
        while cursor.remaining > 0 { objects.append(try object(&cursor)) }
        return objects
    }

    /// Reads exactly one object; the whole input is used.
    package static func one(_ octets: some Collection<UInt8>) throws(Fault) -> BERTLV {
        var cursor = ByteCursor(octets)
        let object = try object(&cursor)
        guard cursor.remaining == 0 else { throw .leftOver(offset: cursor.offset) }
        return object
    }

    /// The value's own objects.
    package func children() throws(Fault) -> [BERTLV] { try Self.list(value) }

    private static func object(_ cursor: inout ByteCursor) throws(Fault) -> BERTLV {
        let start = cursor.offset
        do throws(ByteCursor.Fault) {
            var tag = UInt32(try cursor.uint8("tag"))
            guard tag != 0, tag != 0xFF else { throw ByteCursor.Fault.truncated(field: "tag", offset: -1) }
            if tag & 0x1F == 0x1F {
                var more = true
                var count = 1
                while more {
                    let octet = try cursor.uint8("tag")
                    count += 1
                    guard count <= 3, !(count == 2 && octet & 0x7F < 0x1F && octet & 0x80 == 0 || octet == 0x80) else {
                        throw ByteCursor.Fault.truncated(field: "tag", offset: -1)
                    }
                    tag = tag << 8 | UInt32(octet)
                    more = octet & 0x80 != 0
                }
            }
            let length = try length(&cursor)
            return BERTLV(tag, try cursor.take(length, "value"))
        } catch {
            switch error {
            case .truncated(_, -1): throw .tag(offset: start)
            case .truncated(_, -2): throw .length(offset: start)
            case .truncated(let field, let offset): throw .truncated(field: field, offset: offset)
            case .leftOver(let offset): throw .leftOver(offset: offset)
            }
        }
    }

    private static func length(_ cursor: inout ByteCursor) throws(ByteCursor.Fault) -> Int {
        let first = try cursor.uint8("length")
        guard first >= 0x80 else { return Int(first) }
        let count = Int(first & 0x7F)
        let bad = ByteCursor.Fault.truncated(field: "length", offset: -2)
        guard (1...3).contains(count) else { throw bad }
        let value = try cursor.take(count, "length").reduce(0) { $0 << 8 | Int($1) }
        guard value >= 0x80, count == 1 || value >= 1 << (8 * (count - 1)) else { throw bad }
        return value
    }

    /// A tag as it stands in the encoding: no leading zeros.
    package static func tagOctets(_ tag: UInt32) -> [UInt8] {
        Array(tag.bigEndianOctets.drop { $0 == 0 })
    }

    /// The shortest length form.
    package static func lengthOctets(_ count: Int) -> [UInt8] {
        guard count >= 0x80 else { return [UInt8(count)] }
        let octets = Array(UInt32(count).bigEndianOctets.drop { $0 == 0 })
        return [0x80 | UInt8(octets.count)] + octets
    }
}

extension [BERTLV] {
    /// The value of the only object with a tag; throws `.missing` when there is none or more than one.
    package func value(_ tag: UInt32) throws(BERTLV.Fault) -> [UInt8] {
        let found = filter { $0.tag == tag }
        guard found.count == 1, let object = found.first else { throw .missing(tag: tag) }
        return object.value
    }
}
