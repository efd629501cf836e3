import Encodings

/// 证书模板 What a certificate of a role may say: its usages, its policies, whether it may issue.
package enum CertificateProfile: Hashable, Sendable {
    /// Signs issuing authorities and nothing else.
    case root
    /// Signs end entities and their revocation list.
    case issuing
    /// Slot 9A: login with the card. The text is a policy's object identifier.
    case cardAuthentication(policy: String)
    /// Slot 9C: a signature of the holder's will.
    case cardSignature(policy: String)
    /// Slot 9D: key agreement.
    case cardKeyManagement
    /// Slot 9E: proof of the chip, no PIN.
    case cardProof(policy: String)
    /// A server of ours at a host name.
    case server(host: String)
    /// A desk agent (窗口代理) over mutual TLS.
    case desk

    var mayIssue: Bool { self == .root || self == .issuing }

    var extensions: [[UInt8]] {
        switch self {
        case .root: [basicConstraints(path: nil), keyUsage(0x06, unused: 1)]
        case .issuing: [basicConstraints(path: 0), keyUsage(0x06, unused: 1)]
        case .cardAuthentication(let policy):
            [endEntity, keyUsage(0x80, unused: 7), extendedUsage("1.3.6.1.5.5.7.3.2"), policies(policy)]
        case .cardSignature(let policy): [endEntity, keyUsage(0xC0, unused: 6), policies(policy)]
        case .cardKeyManagement: [endEntity, keyUsage(0x08, unused: 3)]
        case .cardProof(let policy): [endEntity, keyUsage(0x80, unused: 7), policies(policy)]
        case .server(let host):
            [endEntity, keyUsage(0x80, unused: 7), extendedUsage("1.3.6.1.5.5.7.3.1"), alternativeName(host)]
        case .desk: [endEntity, keyUsage(0x80, unused: 7), extendedUsage("1.3.6.1.5.5.7.3.2")]
        }
    }

    private var endEntity: [UInt8] { entry("2.5.29.19", critical: DER.yes, DER.sequence()) }

    private func basicConstraints(path: UInt32?) -> [UInt8] {
        let content = path.map { DER.sequence(DER.yes, DER.integer($0)) } ?? DER.sequence(DER.yes)
        return entry("2.5.29.19", critical: DER.yes, content)
    }

    private func keyUsage(_ bits: UInt8, unused: UInt8) -> [UInt8] {
        entry("2.5.29.15", critical: DER.yes, DER.object(0x03, [unused, bits]))
    }

    private func extendedUsage(_ purpose: String) -> [UInt8] {
        entry("2.5.29.37", critical: [], DER.sequence(DER.oid(purpose)))
    }

    private func policies(_ oid: String) -> [UInt8] {
        entry("2.5.29.32", critical: [], DER.sequence(DER.sequence(DER.oid(oid))))
    }

    private func alternativeName(_ host: String) -> [UInt8] {
        var names = DER.tagged(0x82, Array(host.utf8))
        if host == "localhost" { names += DER.tagged(0x87, [127, 0, 0, 1]) }
        return entry("2.5.29.17", critical: [], DER.sequence(names))
    }

    private func entry(_ oid: String, critical: [UInt8], _ value: [UInt8]) -> [UInt8] {
        DER.sequence(DER.oid(oid), critical, DER.octetString(value))
    }
}
