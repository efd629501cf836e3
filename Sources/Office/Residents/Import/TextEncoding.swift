import Octets

/// 文字编码 How the text of a file is written.
package enum TextEncoding: String, Hashable, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case gb18030 = "gb18030"

    /// Told by the lines of a sample that have more than ASCII: UTF-8 unless most of them are none.
    ///
    /// Chinese text in GB 18030 is hardly ever UTF-8 by chance, and one broken line must not turn a whole file of
    /// UTF-8 into wrong characters.
    init(sample: [UInt8], isWhole: Bool) {
        guard !sample.starts(with: [0xEF, 0xBB, 0xBF]) else {
            self = .utf8
            return
        }
        var wellFormed = 0
        var other = 0
        // The last line of a sample may be cut, so it is not asked.
        for line in sample.split(separator: 0x0A).dropLast(isWhole ? 0 : 1) {
            guard line.contains(where: { $0 >= 0x80 }) else { continue }
            if String(validating: line, as: UTF8.self) == nil { other += 1 } else { wellFormed += 1 }
        }
        self = other > wellFormed ? .gb18030 : .utf8
    }
}

/// Decodes the fields of lines; one decoder serves one thread.
struct FieldDecoder {
    private let gb18030: GB18030?

    init(_ encoding: TextEncoding) throws(ImportFault) {
        guard encoding == .gb18030 else {
            gb18030 = nil
            return
        }
        guard let decoder = GB18030() else { throw .encoding }
        gb18030 = decoder
    }

    /// The texts; nil when one of them is not in the encoding.
    func texts(_ fields: [[UInt8]]) -> [String]? {
        var texts: [String] = []
        texts.reserveCapacity(fields.count)
        for field in fields {
            let text = if let gb18030 { gb18030.decode(field) } else { String(validating: field, as: UTF8.self) }
            guard let text else { return nil }
            texts.append(text)
        }
        return texts
    }
}
