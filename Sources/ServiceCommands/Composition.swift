import Cryptography
import Database
import Encodings
import FoundationEssentials
import HardwareKeys
package import KeyHierarchy
package import Office
package import Policies

/// 组装 Chooses the live things of `citizend` and hands them down; nothing below asks where it runs.
package struct Composition: Sendable {
    /// Where the installation keeps its things.
    package let settings: ServiceSettings
    /// The service.
    package let office: Office
    /// The classes of keys.
    package let hierarchy: Hierarchy

    /// Opens database, keys and policies. Keys that the register names are opened unless `keys` says otherwise.
    /// `node` marks the row numbers made here: the service is 1, a command beside it any other.
    package static func open(
        _ settings: ServiceSettings,
        role: String = "cz_app",
        node: Int64 = Int64(2 + ProcessInfo.processInfo.processIdentifier % 1020)
    ) async throws -> Composition {
        let roles = try RolePolicy(policy("Policies/roles.json", settings))
        let city = try CityPolicy(policy("Policies/city.json", settings))
        let hierarchy = try Hierarchy(policy("Keys/hierarchy.json", settings).json)
        let random = SystemRandom()
        let ring = KeyRing(hierarchy: hierarchy, custody: try custody(settings, random), random: random)
        let database = try await Database.open(DatabaseSettings(conninfo: settings.database(role: role)))
        let office = Office(
            database: database,
            keys: ring,
            roles: roles,
            city: city,
            random: random,
            node: 1,
            clock: HostTime.now
        )
        for record in try await KeyRegister.records(in: database) { try ring.adopt(record) }
        return Composition(settings: settings, office: office, hierarchy: hierarchy)
    }

    /// A file below the share folder, read as a policy.
    package static func policy(_ name: String, _ settings: ServiceSettings) throws -> PolicyFile {
        guard let data = FileManager.default.contents(atPath: "\(settings.share)/\(name)") else {
            throw ServiceSettings.Fault(name: "CITIZEN_SHARE", reason: "no \(settings.share)/\(name)")
        }
        return try PolicyFile(name: name, octets: Array(data))
    }

    private static func custody(_ settings: ServiceSettings, _ random: SystemRandom) throws -> any KeyCustody {
        switch settings.custody {
        case .file: try FileCustody(folder: "\(settings.home)/keys/file", random: random)
        case .pkcs11: try TokenCustody(token(settings))
        }
    }
}

extension Composition {
    /// The token of this installation: module, label, PIN file and mechanism table.
    private static func token(_ settings: ServiceSettings) throws -> TokenSettings {
        TokenSettings(
            modulePath: settings.module,
            tokenLabel: "citizen-online",
            pinPath: "\(settings.home)/keys/pin",
            vendor: try VendorMechanisms(path: "\(settings.share)/Keys/vendors/softhsm2.json")
        )
    }
}

/// The computer's clock: read here and nowhere else.
enum HostTime {
    static let now: @Sendable () -> Timestamp = {
        Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded()))
    }
}
