import Testing

@Suite("术语 Docs/Glossary.md")
struct GlossaryTests {
    private struct Row {
        let chinese: String
        let english: String
        let identifiers: [String]
    }

    @Test
    func `each term has one row, and its identifier stands in the sources`() throws {
        let rows = try rows()
        #expect(rows.count >= 60)
        let words = Set(
            try Repository.files("Sources").flatMap { file in
                file.text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
            }
        )
        for row in rows {
            #expect(row.chinese.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }, "\(row.chinese)")
            #expect(!row.english.isEmpty && !row.identifiers.isEmpty, "\(row.chinese)")
            for identifier in row.identifiers {
                let parts = identifier.split(separator: ".").map(String.init)
                #expect(parts.allSatisfy(words.contains), "\(row.chinese): no \(identifier) in Sources")
            }
        }
        let terms = rows.map(\.chinese)
        #expect(Set(terms).count == terms.count, "a term stands twice")
        let identifiers = rows.flatMap(\.identifiers)
        let twice = Dictionary(grouping: identifiers) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
        #expect(twice.isEmpty, "two terms for \(twice)")
    }

    private func rows() throws -> [Row] {
        try Repository.file("Docs/Glossary.md").lines.compactMap { line in
            let cells = line.split(separator: "|").map { $0.drop { $0 == " " } }
            guard line.hasPrefix("| "), cells.count == 3, cells[2].contains("`") else { return nil }
            return Row(
                chinese: Self.trimmed(cells[0]),
                english: Self.trimmed(cells[1]),
                identifiers: cells[2].matches(of: /`([^`]+)`/).map { String($0.output.1) }
            )
        }
    }

    private static func trimmed(_ cell: Substring) -> String {
        var cell = cell
        while cell.last == " " { cell.removeLast() }
        return String(cell)
    }
}
