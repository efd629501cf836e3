/// Reads JSON strictly: one value, the whole input, no name twice, no slack of any kind.
///
/// Foundation's reader takes trailing commas, duplicate names and broken UTF-8, so signed and outside input is read
/// here. The `policy` form adds comments and trailing commas for the files of `Policies/` and `Keys/`.
package struct JSONReader {
    /// Which texts are taken.
    package enum Form: Sendable {
        /// RFC 8259 within RFC 7493.
        case strict
        /// JSON5's comments and trailing commas, nothing else of it.
        case policy
    }

    /// Where and why a text was refused.
    package struct Fault: Error, Hashable, Sendable {
        package let reason: Reason
        /// Octets before the place.
        package let offset: Int
        /// JSON pointer (RFC 6901) of the value being read.
        package let pointer: String

        /// Why.
        package enum Reason: String, Hashable, Sendable {
            case size, depth, notUTF8, unexpected, duplicateName, number, escape, control, leftOver, truncated
        }
    }

    private let octets: [UInt8]
    private let form: Form
    private let depthLimit: Int
    private var position = 0
    private var path: [String] = []

    private init(_ octets: [UInt8], _ form: Form, depthLimit: Int) {
        self.octets = octets
        self.form = form
        self.depthLimit = depthLimit
    }

    /// The value of a whole text; at most `sizeLimit` octets and `depthLimit` levels.
    package static func read(
        _ octets: [UInt8],
        form: Form = .strict,
        sizeLimit: Int = 1_048_576,
        depthLimit: Int = 16
    ) throws(Fault) -> JSON {
        guard octets.count <= sizeLimit else { throw Fault(reason: .size, offset: sizeLimit, pointer: "") }
        var reader = JSONReader(octets, form, depthLimit: depthLimit)
        guard String(validating: octets, as: UTF8.self) != nil else { throw reader.fault(.notUTF8) }
        try reader.skip()
        let value = try reader.value(depth: 0)
        try reader.skip()
        guard reader.position == octets.count else { throw reader.fault(.leftOver) }
        return value
    }

    private func fault(_ reason: Fault.Reason) -> Fault {
        let pointer = path.map {
            "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1")
        }.joined()
        return Fault(reason: reason, offset: position, pointer: pointer)
    }

    private var next: UInt8? { position < octets.count ? octets[position] : nil }

    private mutating func skip() throws(Fault) {
        while let octet = next {
            switch octet {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case 0x2F where form == .policy: try comment()
            default: return
            }
        }
    }

    private mutating func comment() throws(Fault) {
        guard position + 1 < octets.count else { throw fault(.truncated) }
        if octets[position + 1] == 0x2F {
            while let octet = next, octet != 0x0A { _ = octet; position += 1 }
            return
        }
        guard octets[position + 1] == 0x2A else { throw fault(.unexpected) }
        position += 2
        while position + 1 < octets.count {
            if octets[position] == 0x2A, octets[position + 1] == 0x2F {
                position += 2
                return
            }
            position += 1
        }
        throw fault(.truncated)
    }

    private mutating func value(depth: Int) throws(Fault) -> JSON {
        guard depth <= depthLimit else { throw fault(.depth) }
        guard let octet = next else { throw fault(.truncated) }
        switch octet {
        case 0x7B: return try object(depth: depth)
        case 0x5B: return try array(depth: depth)
        case 0x22: return .string(try string())
        case 0x74:
            try word("true")
            return .bool(true)
        case 0x66:
            try word("false")
            return .bool(false)
        case 0x6E:
            try word("null")
            return .null
        case 0x2D, 0x30...0x39: return try number()
        default: throw fault(.unexpected)
        }
    }

    private mutating func word(_ word: String) throws(Fault) {
        guard octets[position...].starts(with: word.utf8) else { throw fault(.unexpected) }
        position += word.utf8.count
    }

    private mutating func object(depth: Int) throws(Fault) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        var names: Set<String> = []
        try skip()
        while next != 0x7D {
            guard next == 0x22 else { throw fault(next == nil ? .truncated : .unexpected) }
            let name = try string()
            path.append(name)
            guard names.insert(name).inserted else { throw fault(.duplicateName) }
            try skip()
            guard next == 0x3A else { throw fault(next == nil ? .truncated : .unexpected) }
            position += 1
            try skip()
            members.append(JSON.Member(name, try value(depth: depth + 1)))
            path.removeLast()
            try separator(closing: 0x7D)
        }
        position += 1
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Fault) -> JSON {
        position += 1
        var items: [JSON] = []
        try skip()
        while next != 0x5D {
            path.append(String(items.count))
            items.append(try value(depth: depth + 1))
            path.removeLast()
            try separator(closing: 0x5D)
        }
        position += 1
        return .array(items)
    }

    /// After a member or item: a comma with more behind it, or the closing sign (left for the caller).
    private mutating func separator(closing: UInt8) throws(Fault) {
        try skip()
        if next == closing { return }
        guard next == 0x2C else { throw fault(next == nil ? .truncated : .unexpected) }
        position += 1
        try skip()
        guard next != closing || form == .policy else { throw fault(.unexpected) }
    }

    private mutating func number() throws(Fault) -> JSON {
        let start = position
        var isFraction = false
        if next == 0x2D { position += 1 }
        guard let first = next, (0x30...0x39).contains(first) else { throw fault(.number) }
        position += 1
        if first != 0x30 { digits() } else if let octet = next, (0x30...0x39).contains(octet) { throw fault(.number) }
        if next == 0x2E {
            isFraction = true
            position += 1
            guard let octet = next, (0x30...0x39).contains(octet) else { throw fault(.number) }
            digits()
        }
        if next == 0x65 || next == 0x45 {
            isFraction = true
            position += 1
            if next == 0x2B || next == 0x2D { position += 1 }
            guard let octet = next, (0x30...0x39).contains(octet) else { throw fault(.number) }
            digits()
        }
        let text = String(decoding: octets[start..<position], as: UTF8.self)
        if isFraction {
            guard let number = Double(text), number.isFinite else { throw fault(.number) }
            return .fraction(number)
        }
        guard let number = Int64(text), number.magnitude < 1 << 53, text != "-0" else { throw fault(.number) }
        return .integer(number)
    }

    private mutating func digits() {
        while let octet = next, (0x30...0x39).contains(octet) { _ = octet; position += 1 }
    }

    private mutating func string() throws(Fault) -> String {
        position += 1
        var text: [UInt8] = []
        while true {
            guard let octet = next else { throw fault(.truncated) }
            switch octet {
            case 0x22:
                position += 1
                return String(decoding: text, as: UTF8.self)
            case 0x5C: try escape(into: &text)
            case 0..<0x20: throw fault(.control)
            default:
                text.append(octet)
                position += 1
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(Fault) {
        position += 1
        guard let kind = next else { throw fault(.truncated) }
        position += 1
        switch kind {
        case 0x22, 0x5C, 0x2F: text.append(kind)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75:
            var unit = try codeUnit()
            if (0xD800..<0xDC00).contains(unit) {
                guard next == 0x5C, position + 1 < octets.count, octets[position + 1] == 0x75 else {
                    throw fault(.escape)
                }
                position += 2
                let low = try codeUnit()
                guard (0xDC00..<0xE000).contains(low) else { throw fault(.escape) }
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw fault(.escape) }
            text += Array(String(Character(scalar)).utf8)
        default: throw fault(.escape)
        }
    }

    private mutating func codeUnit() throws(Fault) -> UInt32 {
        guard position + 4 <= octets.count else { throw fault(.truncated) }
        var value: UInt32 = 0
        for octet in octets[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(octet)).hexDigitValue, octet < 0x80 else { throw fault(.escape) }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }
}
