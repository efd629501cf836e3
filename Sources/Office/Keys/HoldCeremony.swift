import Certificates
package import Cryptography
package import Database
import Encodings
package import KeyHierarchy
package import Octets
import Policies

/// 密钥仪式 Writes down what a ceremony made: every key with its check value, and the certificates of the authorities.
///
/// The keys are made before, in custody; nothing uses them until this act has committed.
package struct HoldCeremony: Act {
    package static let name = "key.ceremony"
    package static let evidenceName = "ceremony"

    package let ceremony: String
    private let made: CeremonyWork

    package init(_ made: CeremonyWork) {
        ceremony = made.ceremony
        self.made = made
    }

    package func carryOut(in transaction: borrowing Transaction, _ room: ActRoom) async throws -> Done<NoAnswer> {
        for record in made.records { try await KeyRegister.insert(record, room, in: transaction) }
        for (name, certificate) in made.authorities.sorted(by: { $0.key < $1.key }) {
            try await transaction.execute(
                """
                INSERT INTO authority (name, der, created_at) VALUES (\(name), \(certificate.der), \(room.now))
                """
            )
        }
        let checks = made.records.map { record -> JSON in
            .string("\(record.name) \(record.checkValue?.description ?? "")")
        }
        return Done(NoAnswer(), Entry(object: "ceremony:\(ceremony)", detail: ["keys": .array(checks)]))
    }
}

/// What a ceremony made, before it is written down. Blocks: made on a worker thread.
package struct CeremonyWork: Sendable {
    package let ceremony: String
    package let records: [KeyRecord]
    package let authorities: [String: Certificate]

    /// Makes the keys that are not there yet, in the order of the ceremony's file, and the authorities' certificates.
    package static func carryOut(
        _ ceremony: String,
        makes: [String],
        in office: Office,
        made: @Sendable (KeyRecord) -> Void
    ) throws -> CeremonyWork {
        var records: [KeyRecord] = []
        let known = Set(office.keys.records.map(\.name.purpose))
        for purpose in makes where !known.contains(purpose) {
            let record = try office.keys.make(KeyName(purpose))
            records.append(record)
            made(record)
        }
        return CeremonyWork(ceremony: ceremony, records: records, authorities: try authorities(records, office))
    }

    /// Takes one key that was made elsewhere.
    package static func receive(
        _ ceremony: String,
        _ purpose: String,
        _ secret: borrowing SecretOctets,
        in office: Office
    ) throws -> CeremonyWork {
        CeremonyWork(ceremony: ceremony, records: [try office.keys.receive(KeyName(purpose), secret)], authorities: [:])
    }

    private static func authorities(_ records: [KeyRecord], _ office: Office) throws -> [String: Certificate] {
        let root = CertificateAuthority(office: office, purpose: "ca.root.p256")
        var certificates: [String: Certificate] = [:]
        for record in records where record.name.purpose.hasPrefix("ca.") {
            guard let key = record.publicKey else { continue }
            let isRoot = record.name.purpose == "ca.root.p256"
            let name = CertificateAuthority.name(record.name.purpose, city: office.city.english)
            let end = office.now.microseconds / 1_000_000 + Int64(record.usableDays) * 86_400
            certificates[record.name.purpose] = try root.issueAuthority(
                isRoot ? .root : .issuing,
                name,
                key,
                notAfter: end
            )
        }
        return certificates
    }
}
