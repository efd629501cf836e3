import Cryptography
import Database
import Encodings
import Foundation
import HTTP
import Identity
import KeyHierarchy
import Octets
import Office
import OfficeWeb
import Passwords
import Policies
import TestSupport

/// The console over a database of its own, with staff who can sign in: questions go to the router, no socket is needed.
final class ConsoleOffice: Sendable {
    let office: Office
    /// May look everywhere; the office works as the role `cz_app`.
    let owner: Database
    let router: Router
    /// What the office takes for now.
    let clock: Lock<Timestamp>
    private let workers = WorkerThreads(count: 1, name: "test")
    private let folder: URL

    static let password = "correct horse battery"
    static let secret = [UInt8]("12345678901234567890".utf8)

    private static let template = Task.detached {
        let fresh = try await PrivateCluster.freshDatabase()
        try await OfficeSchema.migrations().apply(to: fresh.conninfo)
        return fresh.name
    }
    /// Cheap: one pass over the least memory that is taken.
    private static let verifier = Task.detached {
        try PasswordVerifier(SecretOctets(copying: password.utf8), salt: SystemRandom().octets(16)).text
    }

    init() async throws {
        let fresh = try await PrivateCluster.freshDatabase(template: try await Self.template.value)
        folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("console-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let clock = Lock(Timestamp(seconds: 1_767_250_000))
        self.clock = clock
        var settings = DatabaseSettings(conninfo: fresh.conninfo)
        settings.connections = 1
        owner = try await Database.open(settings)
        settings.conninfo = fresh.conninfo.replacing("user=citizen", with: "user=cz_app")
        settings.connections = 2
        office = Office(
            database: try await Database.open(settings),
            keys: try Self.keys(folder.appendingPathComponent("keys").path),
            roles: try RolePolicy(Self.policy("Policies/roles.json")),
            city: try CityPolicy(Self.policy("Policies/city.json")),
            random: SystemRandom(),
            node: 1,
            clock: { clock.with { $0 } }
        )
        router = Router(ConsoleRoutes.routes(office, workers), refusals: ConsoleRoutes.refusal)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A member of staff of hall H1, named after the role.
    func addStaff(_ role: String, hall: String = "H1") async throws -> String {
        let name = "\(role)-\(hall.lowercased())"
        let act = AddStaff(
            userName: name,
            role: role,
            hall: hall,
            verifier: try await Self.verifier.value,
            timeSecret: Self.secret
        )
        _ = try await office.perform(act, by: .account(name: "test", role: "system-admin"))
        return name
    }

    /// A desk of H1 with two readers whose agent has said hello.
    func addDesk(_ name: String = "desk-1", hall: String = "H1") async throws {
        let act = AddDesk(desk: name, hall: hall, fingerprint: SystemRandom().octets(32))
        _ = try await office.perform(act, by: .account(name: "test", role: "system-admin"))
        try await owner.execute(
            """
            UPDATE desk SET readers = '["Reader <0>", "Reader 1"]'::jsonb, seen_at = \(office.now) WHERE desk_id = \(name)
            """
        )
    }

    /// A resident, registered by a clerk.
    func addResident(_ name: String, _ number: String) async throws -> Int64 {
        var entered = Particulars.Entered()
        entered.name = name
        entered.documentType = "01"
        entered.documentNumber = number
        entered.district = "320102"
        entered.phone = "13912345678"
        entered.address = "<img src=x onerror=alert(1)>路 1 号"
        let clerk = Caller.staff(StaffCaller(id: 1, userName: "c", role: "clerk", hall: "H1"))
        return try await office.perform(RegisterResident(entered), by: clerk).answer.resident
    }

    /// Lets the office's clock go on, so that a one-time password is fresh.
    func passTime(seconds: Int64) {
        clock.with { $0 = Timestamp(microseconds: $0.microseconds + seconds * 1_000_000) }
    }

    /// The code of now.
    var code: String { TimePassword.code(secret: Self.secret, step: office.now.seconds / 30) }

    private static func keys(_ folder: String) throws -> KeyRing {
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
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try PolicyFile(name: path, octets: Array(Data(contentsOf: root.appendingPathComponent(path))))
    }
}
