import CardEngine
package import Certificates
package import Cryptography
import Database
import KeyHierarchy
import Octets
import Policies

/// 发证 Our own authorities at work: which key signs, under which name, for how long.
package struct CertificateAuthority: Sendable {
    /// One certificate with what its row needs.
    package struct Made: Sendable {
        package let certificate: Certificate
        package let serial: [UInt8]
        package let notAfter: Int64
    }

    private let office: Office
    private let purpose: String

    /// `purpose` is the key: `ca.issuing.card` and so on.
    package init(office: Office, purpose: String) {
        self.office = office
        self.purpose = purpose
    }

    /// The name an authority signs under.
    package static func name(_ purpose: String, city: String) -> DistinguishedName {
        let title =
            switch purpose {
            case "ca.root.p256": "\(city) Citizen Root CA P-256 G1"
            case "ca.issuing.card": "\(city) Citizen Card CA P-256 G1"
            default: "\(city) Citizen Desk CA P-256 G1"
            }
        return DistinguishedName(organization: city, unit: "DEMO", commonName: title)
    }

    func certifyCard(_ keys: [PIVSlot: PublicKey], validTo: [UInt8]) throws -> [PIVSlot: Made] {
        let policies = office.city.certificatePolicies
        let holder = Hex.encode(office.random.octets(16))
        let last = try RelayRows.day(validTo).days
        var made: [PIVSlot: Made] = [:]
        for (slot, key) in keys {
            let profile: CertificateProfile =
                switch slot {
                case .authentication: .cardAuthentication(policy: policies.authentication)
                case .signature: .cardSignature(policy: policies.signature)
                case .keyManagement: .cardKeyManagement
                case .proof: .cardProof(policy: policies.proof)
                }
            made[slot] = try issue(profile, commonName: holder, key, notAfter: Int64(last) * 86_400 + 86_399)
        }
        return made
    }

    /// The certificate of an authority, signed by this one.
    func issueAuthority(
        _ profile: CertificateProfile,
        _ name: DistinguishedName,
        _ key: PublicKey,
        notAfter: Int64
    ) throws -> Certificate {
        let issuer = CertificateIssuer(
            name: Self.name(purpose, city: office.city.english),
            signer: try office.keys.signer(purpose)
        )
        let subject = CertificateIssuer.Subject(
            name: name,
            key: key,
            serial: CertificateIssuer.serial(office.random),
            notBefore: office.now.microseconds / 1_000_000 - 60,
            notAfter: notAfter
        )
        return try issuer.issue(profile, to: subject)
    }

    /// A certificate of a profile, valid from a minute ago.
    package func issue(
        _ profile: CertificateProfile,
        commonName: String,
        _ key: PublicKey,
        notAfter: Int64
    ) throws -> Made {
        let city = office.city.english
        let issuer = CertificateIssuer(
            name: Self.name(purpose, city: city),
            signer: try office.keys.signer(purpose)
        )
        let serial = CertificateIssuer.serial(office.random)
        let subject = CertificateIssuer.Subject(
            name: DistinguishedName(organization: city, commonName: commonName),
            key: key,
            serial: serial,
            notBefore: office.now.microseconds / 1_000_000 - 60,
            notAfter: notAfter
        )
        return Made(certificate: try issuer.issue(profile, to: subject), serial: serial, notAfter: notAfter)
    }
}
