import Database
import Encodings
import Identity
import KeyHierarchy

/// Lines that were checked, sealed and indexed, ready to be loaded.
struct PreparedBatch: Sendable {
    /// A line that is ready.
    struct Line: Sendable {
        let line: Int64
        let row: ResidentRow
        /// Type and number, to tell two lines of one document.
        let document: String
        /// What the batch's digest is taken over.
        let canonical: [UInt8]
    }

    let lines: [Line]
    let refusals: [LineRefusal]
    let fromLine: Int64
    let endOffset: Int64
    let nextLine: Int64
    let isLast: Bool

    /// Works on a batch; the caller runs this on a thread for work.
    init(
        _ batch: ImportSource.Batch,
        _ columns: ImportColumns,
        _ encoding: TextEncoding,
        _ office: Office,
        now: Timestamp
    ) throws {
        let decoder = try FieldDecoder(encoding)
        let today = BirthDate(dayOf: now.seconds)
        var lines: [Line] = []
        lines.reserveCapacity(batch.records.count)
        var refusals: [LineRefusal] = []
        var seen: Set<String> = []
        for record in batch.records {
            let particulars: Particulars
            switch Self.particulars(record.fields, columns, decoder, today) {
            case .success(let read): particulars = read
            case .failure(let refused):
                refusals.append(LineRefusal(line: record.line, reason: refused.reason))
                continue
            }
            let document = particulars.document.type.rawValue + particulars.document.number
            guard seen.insert(document).inserted else {
                refusals.append(LineRefusal(line: record.line, reason: .documentTaken))
                continue
            }
            lines.append(
                Line(
                    line: record.line,
                    row: try ResidentRow(office.numbers.next(at: now), particulars, office.vault),
                    document: document,
                    canonical: Self.canonical(record.line, particulars)
                )
            )
        }
        self.lines = lines
        self.refusals = refusals
        fromLine = batch.fromLine
        endOffset = batch.endOffset
        nextLine = batch.nextLine
        isLast = batch.isLast
    }

    /// The documents of these lines that the register holds now.
    func taken(_ database: Database) async throws(DatabaseFault) -> Set<String> {
        var taken: Set<String> = []
        for (kind, lines) in Dictionary(grouping: lines, by: \.row.index.documentKind) {
            // One look into the index for each: with `= ANY` a plan made while the table was empty reads all of it.
            let rows = try await database.all(
                """
                SELECT wanted.place FROM unnest(\(lines.map(\.row.index.document))) WITH ORDINALITY AS wanted (bi, place),
                LATERAL (SELECT FROM id_index i WHERE i.kind = \(kind) AND i.bi = wanted.bi LIMIT 1) AS held
                """
            )
            for row in rows { taken.insert(lines[try row.value(at: 0, as: Int.self) - 1].document) }
        }
        return taken
    }

    private struct Refused: Error { let reason: LineRefusal.Reason }

    private static func particulars(
        _ fields: Result<[[UInt8]], CSVReader.Fault>,
        _ columns: ImportColumns,
        _ decoder: FieldDecoder,
        _ today: BirthDate
    ) -> Result<Particulars, Refused> {
        let octets: [[UInt8]]
        switch fields {
        case .success(let read): octets = read
        case .failure(let fault): return .failure(Refused(reason: .broken(fault)))
        }
        guard octets.count == columns.count else {
            return .failure(Refused(reason: .fieldCount(octets.count)))
        }
        guard let texts = decoder.texts(octets) else { return .failure(Refused(reason: .encoding)) }
        do throws(FieldFault) {
            return .success(try Particulars(columns.entered(texts), today: today))
        } catch { return .failure(Refused(reason: .field(error))) }
    }

    /// The line's number and every particular as it is stored, parted by 1F, ended by 1E: neither can stand in a value.
    private static func canonical(_ line: Int64, _ particulars: Particulars) -> [UInt8] {
        let values = [
            String(line), particulars.name.text, particulars.document.type.rawValue, particulars.document.number,
            particulars.sex.rawValue, particulars.birth.compact, particulars.ethnicGroup, particulars.nationality,
            particulars.district.text, particulars.phone?.text ?? "", particulars.address,
        ]
        return Array(values.joined(separator: "\u{1F}").utf8) + [0x1E]
    }
}
