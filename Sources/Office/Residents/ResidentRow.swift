import Identity
import KeyHierarchy

/// One resident, sealed and indexed: everything the tables `resident`, `resident_dek`, `id_index`, `name_index` hold.
struct ResidentRow: Sendable {
    let resident: Int64
    let district: String
    let file: SealedResidentFile
    let wrapped: [UInt8]
    let kekVersion: Int32
    let index: ResidentIndex

    init(_ resident: Int64, _ particulars: Particulars, _ vault: ResidentVault) throws {
        self.resident = resident
        let made = try vault.makeKey(for: resident)
        file = try vault.seal(ResidentFile(particulars), with: made.key)
        district = particulars.district.text
        wrapped = made.wrapped
        kekVersion = made.kekVersion
        index = try ResidentIndex(particulars, vault)
    }
}

/// The versions of the index keys that rows are written under.
struct IndexKeyVersions: Sendable {
    let document: Int16
    let phone: Int16
    let name: Int16

    init(_ keys: KeyRing) throws {
        document = Int16(try keys.current("index.blind.document").name.version)
        phone = Int16(try keys.current("index.blind.phone").name.version)
        name = Int16(try keys.current("index.blind.name").name.version)
    }

    func version(ofKind kind: Int16) -> Int16 { kind == ResidentIndex.Kind.phone.rawValue ? phone : name }
}
