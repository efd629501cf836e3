import FoundationEssentials
import KeyHierarchy
import Policies
import Office

extension Composition {
    /// Under which name and key this installation's log signs: `CITIZEN_LOG_ORIGIN`, otherwise named after the city.
    func logIdentity() throws -> LogIdentity {
        let named = settings.environment["CITIZEN_LOG_ORIGIN"].flatMap { $0.isEmpty ? nil : $0 }
        let signer = try office.keys.signer("evidence.log")
        let current = try office.keys.current("evidence.log").name
        let former = office.keys.records.filter { $0.name.purpose == current.purpose && $0.name != current }
        return try LogIdentity(
            origin: named ?? "citizen.example/evidence/\(office.city.code)",
            signer: signer,
            former: former.compactMap(\.publicKey)
        )
    }

    /// The file with the last signed checkpoint: `CITIZEN_LOG_COPY`, in production on another disk than the database.
    func logCopy() throws -> CheckpointCopy {
        let named = settings.environment["CITIZEN_LOG_COPY"].flatMap { $0.isEmpty ? nil : $0 }
        let path = named ?? "\(settings.home)/evidence/checkpoint"
        let folder = URL(filePath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return CheckpointCopy(path: path)
    }
}
