import Cryptography
import Database
import Encodings
import Foundation
import KeyHierarchy
import Octets
import Office
import Policies
import TestSupport

/// A whole service over a database of its own: every key of the first ceremony, the roles and the city of `Policies/`.
///
/// The office works as the role `cz_app`; `owner` may look everywhere.
final class TestOffice: Sendable {
    let office: Office
    let owner: Database
    /// The connection string of the office's role.
    let conninfo: String
    /// A folder of this office alone; removed with it.
    let folder: URL
    /// What the office takes for now.
    let clock: Lock<Timestamp>

    let clerk = Caller.staff(StaffCaller(id: 11, userName: "clerk1", role: "clerk", hall: "H1"))
    let hotline = Caller.staff(StaffCaller(id: 12, userName: "hotline1", role: "hotline", hall: "H1"))
    let auditor = Caller.staff(StaffCaller(id: 13, userName: "auditor1", role: "auditor", hall: "H1"))
    let operating = Caller.account(name: "operator", role: "operator")

    /// The lot of blank cards whose transport master is in the key ring.
    static let lot = "L001"
    static let lotMaster: [UInt8] = Array(0x40...0x4F)

    /// A database with the schema, copied by each test; made once a process.
    private static let template = Task.detached {
        let fresh = try await PrivateCluster.freshDatabase()
        try await OfficeSchema.migrations().apply(to: fresh.conninfo)
        return fresh.name
    }

    init(connections: Int = 4) async throws {
        let fresh = try await PrivateCluster.freshDatabase(template: try await Self.template.value)
        conninfo = fresh.conninfo.replacing("user=citizen", with: "user=cz_app")
        folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("office-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        clock = Lock(Timestamp(seconds: 1_767_250_000))
        var settings = DatabaseSettings(conninfo: fresh.conninfo)
        settings.connections = 1
        owner = try await Database.open(settings)
        settings.conninfo = conninfo
        settings.connections = connections
        let database = try await Database.open(settings)
        office = try Self.office(database, Self.keys(folder.appendingPathComponent("keys").path), clock)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A second office of the same installation, over the same keys: what runs after a crash.
    func restarted(connections: Int = 4) async throws -> Office {
        // Row numbers follow the clock, and the clock of a restarted service has gone on.
        clock.with { $0 = Timestamp(seconds: $0.seconds + 60) }
        var settings = DatabaseSettings(conninfo: conninfo)
        settings.connections = connections
        return try Self.office(await Database.open(settings), office.keys, clock, node: 2)
    }

    /// The number of rows of the tables an import fills.
    func counts() async throws -> [Int64] {
        let row = try await owner.one(
            """
            SELECT (SELECT count(*) FROM resident) AS r, (SELECT count(*) FROM resident_dek) AS d,
                (SELECT count(*) FROM id_index) AS i, (SELECT count(*) FROM name_index) AS n
            """
        )
        return [try row.value("r"), try row.value("d"), try row.value("i"), try row.value("n")]
    }

    /// The acts in the outbox of the log, oldest first.
    func acts() async throws -> [String] {
        try await owner.all("SELECT act FROM evidence_pending ORDER BY id").map { try $0.value("act") }
    }

    private static func office(
        _ database: Database,
        _ keys: KeyRing,
        _ clock: Lock<Timestamp>,
        node: Int64 = 1
    ) throws -> Office {
        Office(
            database: database,
            keys: keys,
            roles: try RolePolicy(policy("Policies/roles.json")),
            city: try CityPolicy(policy("Policies/city.json")),
            random: SystemRandom(),
            node: node,
            clock: { clock.with { $0 } }
        )
    }

    private static func keys(_ folder: String) throws -> KeyRing {
        let ring = KeyRing(
            hierarchy: try Hierarchy(policy("Keys/hierarchy.json").json),
            custody: try FileCustody(folder: folder, random: SystemRandom()),
            random: SystemRandom()
        )
        for purpose in try policy("Keys/ceremonies/root.json").json["makes"]?.array ?? [] {
            _ = try ring.make(KeyName(purpose.string ?? ""))
        }
        _ = try ring.receive(KeyName("card.transport.\(lot)"), SecretOctets(copying: lotMaster))
        return ring
    }

    private static func policy(_ path: String) throws -> PolicyFile {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try PolicyFile(name: path, octets: Array(Data(contentsOf: root.appendingPathComponent(path))))
    }
}
