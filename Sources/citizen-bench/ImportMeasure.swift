import CommandLine
import Cryptography
import Database
import Encodings
import Foundation
import KeyHierarchy
import Octets
import Office
import Policies
import Population

/// 导入 The whole import (checked, sealed, indexed, with evidence) beside a bare COPY BINARY of the same rows into the same
/// tables by psql; a fresh database each, taken in turns.
enum ImportMeasure {
    /// The tables an import fills, with the columns it fills.
    private static let tables = [
        (
            "resident",
            "resident_id, district, name_enc, document_enc, detail_enc, phone_enc, address_enc, created_at, updated_at"
        ),
        ("resident_dek", "resident_id, wrapped, kek_ver"), ("id_index", "kind, bi, resident_id, bi_key_ver"),
        ("name_index", "kind, bi, resident_id, bi_key_ver"),
    ]

    static func run(_ options: Options) async throws -> [Measure] {
        let count = try options.number("count", in: 1000...10_000_000) ?? 250_000
        let runs = try options.number("runs", in: 1...100) ?? 5
        let cluster = try await BenchCluster.start()
        do {
            let results = try await measure(cluster, count, runs)
            try await cluster.stop()
            return results
        } catch {
            try? await cluster.stop()
            throw error
        }
    }

    private static func measure(_ cluster: BenchCluster, _ count: Int, _ runs: Int) async throws -> [Measure] {
        let template = try await cluster.database("template")
        try await OfficeSchema.migrations().apply(to: template)
        let file = cluster.folder + "/residents.csv"
        try write(Population.csv(seed: 1, count: count), to: file)
        let keys = try keyRing(cluster.folder + "/keys")
        var ours: [Double] = []
        var bare: [Double] = []
        var growth: [Double] = []
        for run in 0..<runs {
            let own = try await cluster.database("ours\(run)", template: "template")
            try await cluster.psql(own, ["CHECKPOINT"])
            let (seconds, grown) = try await importing(file, own, keys, expected: count)
            ours.append(Double(count) / seconds)
            growth.append(Double(grown) / 1_048_576)
            if run == 0 {
                try await cluster.psql(
                    own,
                    tables.map { "\\copy \($0.0) (\($0.1)) TO '\(cluster.folder)/\($0.0).copy' (FORMAT binary)" }
                )
            }
            try await cluster.psql(cluster.conninfo, ["DROP DATABASE ours\(run)"])
            let other = try await cluster.database("bare\(run)", template: "template")
            try await cluster.psql(other, ["CHECKPOINT"])
            let start = ContinuousClock.now
            try await cluster.psql(
                other,
                tables.map { "\\copy \($0.0) (\($0.1)) FROM '\(cluster.folder)/\($0.0).copy' (FORMAT binary)" }
            )
            bare.append(Double(count) / (ContinuousClock.now - start).inSeconds)
            try await cluster.psql(cluster.conninfo, ["DROP DATABASE bare\(run)"])
        }
        let (own, spread) = Measure.middle(ours)
        let other = Measure.middle(bare).median
        return [
            Measure(
                name: "import.residents",
                value: own,
                unit: "residents per second",
                beside: "bare COPY BINARY of the same rows by psql",
                besideValue: other,
                goal: ">= 0.5",
                isMet: own >= other / 2,
                runs: runs,
                spread: spread
            ),
            Measure(
                name: "import.memory",
                value: growth.max() ?? 0,
                unit: "MiB of growth over \(count) lines",
                beside: "bound",
                besideValue: 64,
                goal: "< 64 MiB",
                isMet: (growth.max() ?? 0) < 64,
                runs: runs,
                spread: 0
            ),
        ]
    }

    /// Seconds of one import, and the octets by which this process has grown at most.
    private static func importing(
        _ file: String,
        _ conninfo: String,
        _ keys: KeyRing,
        expected: Int
    ) async throws -> (seconds: Double, grown: Int) {
        var settings = DatabaseSettings(conninfo: conninfo.replacing("user=citizen", with: "user=cz_app"))
        settings.connections = 3
        let database = try await Database.open(settings)
        let office = Office(
            database: database,
            keys: keys,
            roles: try RolePolicy(policy("Policies/roles.json")),
            city: try CityPolicy(policy("Policies/city.json")),
            random: SystemRandom(),
            node: 1,
            clock: { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
        )
        let before = Machine.residentOctets
        let most = Lock(before)
        let start = ContinuousClock.now
        let outcome = try await ImportResidents(
            office: office,
            caller: .account(name: "bench", role: "operator"),
            file: file,
            watch: { _, _ in
                let now = Machine.residentOctets
                most.with { $0 = max($0, now) }
            }
        ).run()
        let seconds = (ContinuousClock.now - start).inSeconds
        await database.close()
        guard outcome.progress.accepted == Int64(expected), !outcome.wasDone else {
            throw BenchCluster.Fault(description: "\(outcome.progress.accepted) of \(expected) lines were taken")
        }
        return (seconds, most.with { $0 } - before)
    }

    private static func keyRing(_ folder: String) throws -> KeyRing {
        let ring = KeyRing(
            hierarchy: try Hierarchy(policy("Keys/hierarchy.json").json),
            custody: try FileCustody(folder: folder, random: SystemRandom()),
            random: SystemRandom()
        )
        for purpose in try policy("Keys/ceremonies/root.json").json["makes"]?.array ?? [] {
            _ = try ring.make(KeyName(purpose.string ?? ""))
        }
        return ring
    }

    private static func policy(_ path: String) throws -> PolicyFile {
        try PolicyFile(name: path, octets: Array(Data(contentsOf: BenchCluster.root.appendingPathComponent(path))))
    }

    private static func write(_ lines: some Sequence<String>, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw BenchCluster.Fault(description: "no file \(path)") }
        var piece = ""
        for line in lines {
            piece += line
            guard piece.utf8.count > 262_144 else { continue }
            try handle.write(contentsOf: Data(piece.utf8))
            piece = ""
        }
        try handle.write(contentsOf: Data(piece.utf8))
        try handle.close()
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
