import Database
import Foundation
import Identity
import Octets
import Office
import Population
import TestSupport
import Testing

@Suite("批量导入 import of residents")
struct ResidentsImportTests {
    private struct Crash: Error {}

    private static let names =
        "name,document_type,document_number,sex,birth_date,ethnic_group,nationality,district,phone,address"

    private func write(
        _ text: some Collection<UInt8>,
        in test: TestOffice,
        _ name: String = "residents.csv"
    ) throws -> String {
        let path = test.folder.appendingPathComponent(name).path
        try Data(text).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func report(_ path: String) throws -> [[String]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private func population(_ count: Int, bad: Int = 0, seed: UInt64 = 5) -> [UInt8] {
        Array(Population.csv(seed: seed, count: count, badLines: bad).joined().utf8)
    }

    @Test
    func `every kind of bad line is refused by line, field and reason, and the rest is taken`() async throws {
        let test = try await TestOffice()
        let good = "张三,01,320100190001019070,1,19000101,01,CHN,320102,13912345678,秣陵路 1 号"
        let cases: [(line: String, field: String, code: String)] = [
            ("张三,01,320100190001019071,1,19000101,01,CHN,320102,,", "document_number", "check-digit"),
            ("张三,01,320100190002299967,1,,01,CHN,320102,,", "document_number", "no-such-day"),
            ("张三,01,320100202601029964,,,01,CHN,320102,,", "document_number", "future"),
            ("张三,09,320100190001019070,1,19000101,01,CHN,320102,,", "document_type", "unknown"),
            ("张三,,320100190001019070,1,19000101,01,CHN,320102,,", "document_type", "missing"),
            ("张\u{E863},01,320100190001019070,1,19000101,01,CHN,320102,,", "name", "private-use-U+E863"),
            ("张\u{0}三,01,320100190001019070,1,19000101,01,CHN,320102,,", "name", "characters"),
            (",01,320100190001019070,1,19000101,01,CHN,320102,,", "name", "missing"),
            ("张三,01,320100190001019070,2,19000101,01,CHN,320102,,", "sex", "disagrees"),
            ("张三,01,320100190001019070,1,19000102,01,CHN,320102,,", "birth_date", "disagrees"),
            ("张三,02,E1234567,1,19900230,01,CHN,320102,,", "birth_date", "no-such-day"),
            ("张三,02,E1234567,1,19900228,01,,320102,,", "nationality", "missing"),
            ("张三,01,320100190001019070,1,19000101,57,CHN,320102,,", "ethnic_group", "unknown"),
            ("张三,01,320100190001019070,1,19000101,01,CHN,,,", "district", "missing"),
            ("张三,01,320100190001019070,1,19000101,01,CHN,320102,12345,", "phone", "length"),
            ("张三,01,320100190001019070,1,19000101,01,CHN,320102,,a\u{1}b", "address", "characters"),
            ("张三,01", "", "field-count"), ("", "", "field-count"), ("张\"三,01", "", "quoting"),
            ("\"张三,01", "", "quoting"),
            ("张三\r,01", "", "line-break"), (String(repeating: "x", count: 20_000), "", "line-length"),
            (good, "document_number", "document-taken"),
        ]
        let text = ([Self.names, good] + cases.map(\.line)).joined(separator: "\n") + "\n"
        var octets = Array(text.utf8) + [0xFF, 0xFE] + Array(good.utf8.dropFirst(6)) + [0x0A]
        octets += Array("王芳,01,32010020000229998X,2,,,,320102,,\"有,\"\"号\"\"\"\n".utf8)
        let path = try write(octets, in: test)
        let outcome = try await ImportResidents(office: test.office, caller: test.operating, file: path).run()
        #expect(outcome.encoding == .utf8 && outcome.progress.accepted == 2)
        let lines = try report(try #require(outcome.report))
        #expect(lines.count == cases.count + 1)
        for (index, expected) in cases.enumerated() where index < lines.count {
            #expect(Array(lines[index].prefix(3)) == ["\(index + 3)", expected.field, expected.code])
        }
        #expect(lines.last?[2] == "encoding")
        let whole = try String(contentsOfFile: path + ".report.csv", encoding: .utf8)
        #expect(!whole.contains("张三") && !whole.contains("320100"))
        let counts = try await test.counts()
        #expect(counts == [2, 2, 2, 9])
        #expect(try await test.acts() == ["import.begin", "import.batch"])
        let reason = try LookReason("核对")
        let find = FindResidents(.nameAndBirth("王芳", "20000229"), reason: reason)
        let found = try await test.office.perform(find, by: test.clerk).answer.found
        let show = ShowResident(try #require(found.first).resident, reason: reason)
        #expect(try await test.office.perform(show, by: test.clerk).answer.file.address == "有,\"号\"")
    }

    @Test
    func `killed at any place it goes on where it stood: nothing doubled, nothing lost`() async throws {
        let test = try await TestOffice()
        let path = try write(population(4_500, bad: 40), in: test)
        // Before the first commit, after it, and between report and commit of a later batch.
        let stops: [(ImportResidents.Stage, Int)] = [(.reported, 1), (.committed, 1), (.reported, 2), (.committed, 2)]
        var resumed: [Int64?] = []
        var office = test.office
        for (stage, at) in stops {
            let count = Lock(0)
            let run = ImportResidents(office: office, caller: test.operating, file: path) { now, _ in
                guard now == stage,
                    count.with({
                        $0 += 1; return $0 == at
                    })
                else { return }
                throw Crash()
            }
            await #expect(throws: Crash.self) { try await run.run() }
            office = try await test.restarted()
        }
        let last = try await ImportResidents(office: office, caller: test.operating, file: path).run()
        resumed.append(last.resumedAt)
        #expect(last.resumedAt != nil && last.progress.accepted == 4_500 && last.progress.refused == 40)
        let counts = try await test.counts()
        #expect(counts[0] == 4_500 && counts[1] == 4_500 && counts[2] == 4_500)
        let refused = try report(path + ".report.csv").compactMap { Int($0[0]) }
        #expect(refused.count == 40 && Set(refused).count == 40 && refused == refused.sorted())
        let again = try await ImportResidents(office: office, caller: test.operating, file: path).run()
        #expect(again.wasDone && again.progress == last.progress)
        #expect(try await test.counts() == counts)
        let job = try await test.owner.one("SELECT state, accepted, refused, lines_done FROM import_job")
        #expect(try job.value("state", as: String.self) == "DONE")
        #expect(try job.value("accepted", as: Int64.self) == 4_500)
    }

    @Test
    func `a second file with the same people refuses each of them`() async throws {
        let test = try await TestOffice()
        let first = try write(population(1_200), in: test)
        _ = try await ImportResidents(office: test.office, caller: test.operating, file: first).run()
        let second = try write(population(1_500), in: test, "more.csv")
        let report = test.folder.appendingPathComponent("elsewhere.csv").path
        let outcome = try await ImportResidents(
            office: test.office,
            caller: test.operating,
            file: second,
            report: report
        ).run()
        #expect(outcome.progress.accepted == 300 && outcome.progress.refused == 1_200)
        #expect(try self.report(report).allSatisfy { $0[1] == "document_number" && $0[2] == "document-taken" })
    }

    @Test
    func `a resident registered while the batch was under way is refused, not fatal`() async throws {
        let test = try await TestOffice()
        let path = try write(population(3_000), in: test)
        let made = Population(seed: 5, count: 3_000).resident(2_500)
        let once = Lock(true)
        let (office, clerk) = (test.office, test.clerk)
        // The third batch has been looked up by then, and is not begun before the first is done.
        let run = ImportResidents(office: office, caller: test.operating, file: path) { stage, _ in
            let isFirst = once.with { once in
                guard stage == .committed, once else { return false }
                once = false
                return true
            }
            guard isFirst else { return }
            let entered = ResidentsTests.entered(made.name, made.documentNumber)
            _ = try await office.perform(RegisterResident(entered), by: clerk)
        }
        let outcome = try await run.run()
        #expect(outcome.progress.accepted == 2_999 && outcome.progress.refused == 1)
        #expect(try report(path + ".report.csv").map { $0[0] } == ["2502"])
        #expect(try await test.counts()[0] == 3_000)
    }

    @Test
    func `GB 18030 is noticed, rare characters included`() async throws {
        let test = try await TestOffice()
        let lines: [[UInt8]] = [
            Array(Self.names.utf8),
            // 张𠀀, 秣陵路
            [0xD5, 0xC5, 0x95, 0x32, 0x82, 0x36] + Array(",01,320100190001019070,1,,,,320102,,".utf8)
                + [0xEF, 0xF7, 0xC1, 0xEA, 0xC2, 0xB7],
        ]
        let path = try write(Array(lines.joined(separator: [0x0D, 0x0A])), in: test)
        let outcome = try await ImportResidents(office: test.office, caller: test.operating, file: path).run()
        #expect(outcome.encoding == .gb18030 && outcome.progress.accepted == 1)
        let find = FindResidents(.name("张𠀀"), reason: try LookReason("核对"))
        let found = try await test.office.perform(find, by: test.clerk).answer.found
        #expect(found.map(\.name) == ["张𠀀"])
    }

    @Test
    func `columns are refused by name, and so is who may not`() async throws {
        let test = try await TestOffice()
        let wrong = try write(Array("name,document_typ,name\n".utf8), in: test)
        let fault = await #expect(throws: ImportFault.self) {
            try await ImportResidents(office: test.office, caller: test.operating, file: wrong).run()
        }
        guard case .columns(let unknown, let missing, let repeated) = fault else {
            Issue.record("a fault of columns is due")
            return
        }
        #expect(unknown == ["document_typ"] && missing.count == 9 && repeated == ["name"])
        let path = try write(population(5), in: test, "good.csv")
        await #expect(throws: ImportFault.refused(.forbidden(act: "resident.import", role: "clerk"))) {
            try await ImportResidents(office: test.office, caller: test.clerk, file: path).run()
        }
        await #expect(throws: ImportFault.file("/nowhere")) {
            try await ImportResidents(office: test.office, caller: test.operating, file: "/nowhere").run()
        }
        #expect(try await test.counts() == [0, 0, 0, 0])
        let empty = try write(Array((Self.names + "\n").utf8), in: test, "empty.csv")
        let outcome = try await ImportResidents(office: test.office, caller: test.operating, file: empty).run()
        #expect(outcome.progress.accepted == 0 && outcome.report == nil)
    }

    @Test
    func `two runs on one file do not both load it`() async throws {
        let test = try await TestOffice()
        let path = try write(population(3_000), in: test)
        let other = try await test.restarted()
        async let one = Result {
            try await ImportResidents(office: test.office, caller: test.operating, file: path).run()
        }
        async let two = Result { try await ImportResidents(office: other, caller: test.operating, file: path).run() }
        let results = await [one, two]
        #expect(results.contains { (try? $0.get()) != nil })
        #expect(try await test.counts()[0] == 3_000)
    }

    @Test
    func `memory stays flat over a hundred thousand lines`() async throws {
        let test = try await TestOffice()
        let path = test.folder.appendingPathComponent("large.csv").path
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: path))
        var piece = ""
        for line in Population.csv(seed: 9, count: 100_000) {
            piece += line
            guard piece.utf8.count > 1_000_000 else { continue }
            try handle.write(contentsOf: Data(piece.utf8))
            piece = ""
        }
        try handle.write(contentsOf: Data(piece.utf8))
        try handle.close()
        let marks = Lock((first: 0, most: 0))
        let start = ContinuousClock.now
        let run = ImportResidents(office: test.office, caller: test.operating, file: path) { _, progress in
            let pages = Self.residentPages()
            marks.with { marks in
                // Measured from the tenth batch on, when every cache has its size.
                if marks.first == 0, progress.accepted > 10_000 { marks.first = pages }
                marks.most = max(marks.most, pages)
            }
        }
        let outcome = try await run.run()
        #expect(outcome.progress.accepted == 100_000)
        let grown = marks.with { ($0.most - $0.first) * 4 / 1024 }
        print("import of 100,000 lines: \(ContinuousClock.now - start), memory grew by \(grown) MiB")
        #expect(grown < 64)
    }

    private static func residentPages() -> Int {
        let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return text?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

extension Result where Success: Sendable, Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
