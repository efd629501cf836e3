import Encodings
import Octets
import Testing

@Suite("逗号分隔值 CSV (RFC 4180)")
struct CSVReaderTests {
    /// One word a record: its line, and its fields or its fault.
    private func read(_ octets: [UInt8], piece: Int) -> [String] {
        var reader = CSVReader()
        var rest = octets[...]
        var words: [String] = []
        while true {
            switch reader.next() {
            case .record(let record):
                switch record.fields {
                case .success(let fields):
                    let texts = fields.map { String(decoding: $0, as: UTF8.self) }
                    words.append("\(record.line):" + texts.joined(separator: "|"))
                case .failure(let fault): words.append("\(record.line)!\(fault)")
                }
            case .needsMore where rest.isEmpty: reader.finish()
            case .needsMore:
                reader.feed(Array(rest.prefix(piece)))
                rest = rest.dropFirst(piece)
            case .end: return words
            }
        }
    }

    @Test(arguments: [
        ("a,b\r\nc,d\r\n", ["1:a|b", "2:c|d"]), ("a,b\nc", ["1:a|b", "2:c"]), ("", []), ("\u{FEFF}a\n", ["1:a"]),
        ("\"a,\"\"b\"\"\",\"\"\n", ["1:a,\"b\"|"]), ("\"a\nb\",c\nd\n", ["1:a\nb|c", "3:d"]), (",\n", ["1:|"]),
        ("a\n\nb\n", ["1:a", "2:", "3:b"]), ("a\"b,c\nd\n", ["1!quoting", "2:d"]),
        ("\"a\"b\nc\n", ["1!quoting", "2:c"]),
        ("\"a,b\nc,d\n\"e\",f\n", ["1!quoting", "2:c,d".replacing(",", with: "|"), "3:e|f"]),
        ("a\rb\nc\n", ["1!lineBreak", "2:c"]), ("\"a", ["1!quoting"]), ("a\r", ["1!lineBreak"]), ("\"a\"", ["1:a"]),
        ("\"a\nb\nc", ["1!quoting", "2:b", "3:c"]),
    ])
    func `records and broken records, however the text is cut`(text: String, words: [String]) {
        for piece in [1, 2, 3, 7, 1_000] {
            #expect(read(Array(text.utf8), piece: piece) == words, "pieces of \(piece)")
        }
    }

    @Test
    func `a record that is too long costs one line and no memory`() {
        let long = [UInt8](repeating: 0x61, count: 1_000_000) + Array("\nb,c\n".utf8)
        #expect(read(long, piece: 65_536) == ["1!length", "2:b|c"])
        let open = Array("\"".utf8) + long
        #expect(read(open, piece: 65_536) == ["1!quoting", "2:b|c"])
    }

    @Test
    func `reading goes on at the offset where it stopped`() {
        let text = Array("\u{FEFF}a,b\n\"c\nd\",e\nf,g\n".utf8)
        var reader = CSVReader()
        reader.feed(text)
        guard case .record = reader.next(), case .record(let second) = reader.next() else {
            Issue.record("two records are due")
            return
        }
        var other = CSVReader(offset: second.endOffset, line: second.nextLine)
        other.feed(Array(text[Int(second.endOffset)...]))
        guard case .record(let third) = other.next(), case .success(let fields) = third.fields else {
            Issue.record("a third record is due")
            return
        }
        #expect(third.line == 4 && fields == [[0x66], [0x67]])
    }

    @Test
    func `GB 18030 decodes whole or not at all`() throws {
        let decoder = try #require(GB18030())
        #expect(decoder.decode([0xD5, 0xC5, 0xC8, 0xFD]) == "张三")
        #expect(decoder.decode([0x95, 0x32, 0x82, 0x36]) == "𠀀")
        #expect(decoder.decode([0xD5]) == nil && decoder.decode([0xFF, 0xFF]) == nil)
        #expect(decoder.decode([0x61, 0x00, 0xD5, 0xC5]) == "a\u{0}张")
        #expect(decoder.decode(Array("abc".utf8)) == "abc")
    }
}
