import Octets

/// 基本文件 An elementary file: transparent, or records of one length, linear or cyclic (ISO/IEC 7816-4, 7.2).
struct ElementaryFile: Codable, Hashable, Sendable {
    /// The descriptor octet of the FCI.
    enum Form: UInt8, Codable, Hashable, Sendable {
        case transparent = 0x01
        case linear = 0x02
        case cyclic = 0x06
    }

    /// Access octets of a file that a sector's profile created; the other applications fix their rules in code.
    struct Access: Codable, Hashable, Sendable {
        let read: UInt8
        let append: UInt8
        let update: UInt8
    }

    /// EF05 in a citizen's data, 0015 in the purse.
    let identifier: UInt16
    let form: Form
    /// Octets of a transparent file, or of one record.
    let size: Int
    /// Records of a record file, 1 for a transparent one.
    let capacity: Int
    let access: Access?
    /// What was written of a transparent file: reading ends where writing ended.
    @Hexadecimal var content: [UInt8]
    /// The records; of a cyclic file the newest first.
    @HexadecimalList var records: [[UInt8]]

    init(_ identifier: UInt16, _ form: Form, size: Int, capacity: Int = 1, access: Access? = nil) {
        self.identifier = identifier
        self.form = form
        self.size = size
        self.capacity = capacity
        self.access = access
        content = []
        records = form == .linear ? [[UInt8]](repeating: [UInt8](repeating: 0, count: size), count: capacity) : []
    }

    /// The short identifier: the low five bits.
    var shortIdentifier: UInt8 { UInt8(identifier & 0x1F) }

    /// Octets the file may hold.
    var room: Int { form == .transparent ? size : size * capacity }

    /// The FCI in answer to SELECT.
    var controlInformation: [UInt8] {
        [0x6F, 0x0B, 0x80, 0x02] + UInt16(room).bigEndianOctets + [0x82, 0x01, form.rawValue, 0x83, 0x02]
            + identifier.bigEndianOctets
    }

    /// READ BINARY: what there is from an offset, at most `count` octets.
    func read(from offset: Int, count: Int) throws(StatusWord) -> [UInt8] {
        guard form == .transparent else { throw .wrongFileForm }
        guard offset < content.count else { throw .wrongOffset }
        return Array(content[offset..<min(offset + count, content.count)])
    }

    /// UPDATE BINARY: overwrites, and continues past what was written up to the file's size.
    mutating func write(_ octets: [UInt8], at offset: Int) throws(StatusWord) {
        guard form == .transparent else { throw .wrongFileForm }
        guard offset <= content.count else { throw .wrongOffset }
        guard offset + octets.count <= size else { throw .noRoom }
        let end = min(offset + octets.count, content.count)
        content.replaceSubrange(offset..<end, with: octets)
    }

    /// The whole content of a transparent file.
    mutating func replace(_ octets: [UInt8]) throws(StatusWord) {
        guard octets.count <= size else { throw .noRoom }
        content = octets
    }

    /// Record n, from 1.
    func record(_ number: UInt8) throws(StatusWord) -> [UInt8] {
        guard form != .transparent else { throw .wrongFileForm }
        guard number >= 1, Int(number) <= records.count else { throw .recordNotFound }
        return records[Int(number) - 1]
    }

    /// Overwrites record n, from 1.
    mutating func replace(record number: UInt8, _ octets: [UInt8]) throws(StatusWord) {
        guard form != .transparent else { throw .wrongFileForm }
        guard octets.count == size else { throw .wrongData }
        guard number >= 1, Int(number) <= records.count else { throw .recordNotFound }
        records[Int(number) - 1] = octets
    }

    /// A cyclic file drops its oldest record; a linear one takes the first that is still all zeros.
    mutating func append(_ octets: [UInt8]) throws(StatusWord) {
        guard octets.count == size else { throw .wrongData }
        switch form {
        case .transparent: throw .wrongFileForm
        case .cyclic: records = Array(([octets] + records).prefix(capacity))
        case .linear:
            guard let free = records.firstIndex(where: { $0.allSatisfy { $0 == 0 } }) else { throw .noRoom }
            records[free] = octets
        }
    }

    /// A DGI EFxx in a record file: number(1) ‖ record, 00 appending to a cyclic one.
    mutating func store(numbered octets: [UInt8]) throws(StatusWord) {
        guard octets.count == size + 1, let number = octets.first else { throw .wrongData }
        let record = Array(octets.dropFirst())
        if form == .cyclic, number == 0 { return try append(record) }
        guard number >= 1, Int(number) <= records.count else { throw .wrongData }
        try replace(record: number, record)
    }
}
