package import Cryptography
package import Encodings
import Octets

/// JWS 紧凑形式 A signed text in the compact form of RFC 7515 with ES256; the type is demanded, the algorithm is the key's.
package enum CompactSignature {
    /// Why a text is not what it should be.
    package enum Fault: Error, Hashable, Sendable {
        case form
        case header(String)
        case signature
        case payload(JSONReader.Fault)
    }

    /// Signs a payload. `type` becomes the header's `typ`.
    package static func sign(_ payload: JSON, type: String, by signer: any Signer) throws -> String {
        let header: JSON = ["alg": "ES256", "typ": .string(type)]
        let signed = Base64.encode(header.encoded, .url) + "." + Base64.encode(payload.encoded, .url)
        guard let raw = SignatureForm.raw(fromDER: try signer.sign(Array(signed.utf8))) else { throw Fault.signature }
        return signed + "." + Base64.encode(raw, .url)
    }

    /// The payload of a text that holds: strict form, the type demanded, the signature of this key. There is no other
    /// way to the payload.
    package static func verify(_ text: String, type: String, key: PublicKey) throws(Fault) -> JSON {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let headerOctets = try? Base64.decode(parts[0], .url),
            let payload = try? Base64.decode(parts[1], .url), let raw = try? Base64.decode(parts[2], .url)
        else { throw .form }
        guard let header = try? JSONReader.read(headerOctets), let members = header.members else {
            throw .header("form")
        }
        for member in members where !["alg", "typ"].contains(member.name) { throw .header(member.name) }
        guard header["alg"]?.string == "ES256", key.algorithm == .p256 else { throw .header("alg") }
        guard header["typ"]?.string == type else { throw .header("typ") }
        let signed = Array((parts[0] + "." + parts[1]).utf8)
        guard let der = SignatureForm.der(fromRaw: raw), key.verifies(der, of: signed) else { throw .signature }
        do throws(JSONReader.Fault) { return try JSONReader.read(payload) } catch { throw .payload(error) }
    }
}
