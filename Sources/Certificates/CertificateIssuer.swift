package import Cryptography
import Encodings
import Octets

/// 签发机构 One authority: its key, its own certificate, and the certificates it makes (RFC 5280, ECDSA with SHA-256).
///
/// The key is whatever signs: in a token, in a device, in this process. Before it is asked, the same certificate is
/// made with a throw-away key and read back, so that the real key never signs what nobody could read.
package struct CertificateIssuer: Sendable {
    /// Why no certificate was made.
    package enum Fault: Error, Hashable, Sendable {
        case profile(String)
        case validity
        case unreadable
        case signature
    }

    /// What a certificate says, besides its profile.
    package struct Subject: Sendable {
        package let name: DistinguishedName
        package let key: PublicKey
        /// 8 to 20 octets, random, the first bit clear.
        package let serial: [UInt8]
        /// Seconds since 1970.
        package let notBefore: Int64
        package let notAfter: Int64

        package init(name: DistinguishedName, key: PublicKey, serial: [UInt8], notBefore: Int64, notAfter: Int64) {
            self.name = name
            self.key = key
            self.serial = serial
            self.notBefore = notBefore
            self.notAfter = notAfter
        }
    }

    private let name: DistinguishedName
    private let signer: any Signer

    package init(name: DistinguishedName, signer: any Signer) {
        self.name = name
        self.signer = signer
    }

    /// A certificate of the profile for a subject.
    package func issue(_ profile: CertificateProfile, to subject: Subject) throws -> Certificate {
        guard (8...20).contains(subject.serial.count), let first = subject.serial.first, first & 0x80 == 0, first != 0
        else { throw Fault.profile("serial number") }
        guard subject.notBefore < subject.notAfter else { throw Fault.validity }
        let trial = try PrivateKey.generate(.p256)
        let draft = body(profile, subject, authority: trial.publicKey)
        guard let read = try? Certificate(der: try assembled(draft, signer: trial)),
            read.publicKey.spki == subject.key.spki
        else { throw Fault.unreadable }
        let certificate = try Certificate(
            der: assembled(body(profile, subject, authority: signer.publicKey), signer: signer)
        )
        return certificate
    }

    /// A random serial number of 16 octets with the first bit clear.
    package static func serial(_ random: any RandomSource) -> [UInt8] {
        var octets = random.octets(16)
        octets[0] = octets[0] & 0x3F | 0x40
        return octets
    }

    private func assembled(_ body: [UInt8], signer: any Signer) throws -> [UInt8] {
        let signature = try signer.sign(body)
        guard signer.publicKey.verifies(signature, of: body) else { throw Fault.signature }
        return DER.sequence(body, Self.algorithm, DER.bitString(signature))
    }

    private static var algorithm: [UInt8] { DER.sequence(DER.oid("1.2.840.10045.4.3.2")) }

    private func body(_ profile: CertificateProfile, _ subject: Subject, authority: PublicKey) -> [UInt8] {
        let subjectIdentifier = DER.octetString(Self.identifier(subject.key))
        let authorityIdentifier = DER.sequence(DER.tagged(0x80, Self.identifier(authority)))
        let identifiers = [
            DER.sequence(DER.oid("2.5.29.14"), DER.octetString(subjectIdentifier)),
            DER.sequence(DER.oid("2.5.29.35"), DER.octetString(authorityIdentifier)),
        ]
        let extensions = (profile.extensions + identifiers).flatMap(\.self)
        return DER.sequence(
            DER.object(0xA0, DER.integer(2)),
            DER.integer(subject.serial),
            Self.algorithm,
            name.der,
            DER.sequence(Self.time(subject.notBefore), Self.time(subject.notAfter)),
            subject.name.der,
            subject.key.spki,
            DER.object(0xA3, DER.sequence(extensions))
        )
    }

    /// Key identifier: the first 20 octets of the SHA-256 of the SubjectPublicKeyInfo (RFC 7093, 2).
    private static func identifier(_ key: PublicKey) -> [UInt8] { Array(Digest.sha256.hash(key.spki).prefix(20)) }

    /// UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5).
    private static func time(_ seconds: Int64) -> [UInt8] {
        let calendar = CivilTime(seconds: seconds)
        let rest = [calendar.month, calendar.day, calendar.hour, calendar.minute, calendar.second].map(twoDigits)
            .joined()
        if calendar.year < 2050 {
            return DER.object(0x17, Array((twoDigits(calendar.year % 100) + rest + "Z").utf8))
        }
        return DER.object(0x18, Array((String(calendar.year) + rest + "Z").utf8))
    }

    private static func twoDigits(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}
