import Cryptography
import Encodings

/// A pair in custody that signs with ECDSA and SHA-256, DER.
struct RingSigner: Signer {
    let custody: any KeyCustody
    let name: KeyName
    let publicKey: PublicKey

    func sign(_ message: [UInt8]) throws -> [UInt8] {
        let raw = try custody.sign(name, digest: Digest.sha256.hash(message))
        guard let der = SignatureForm.der(fromRaw: raw) else { throw CustodyFault.device(operation: "sign", code: 0) }
        return der
    }
}

/// An Ed25519 pair whose seed lies opened in locked memory; OpenSSL has it for the time of one signature. Once the ring is
/// locked it signs no more.
struct SeedSigner: Signer {
    let ring: KeyRing
    let name: KeyName
    let publicKey: PublicKey

    func sign(_ message: [UInt8]) throws -> [UInt8] {
        try PrivateKey(ed25519Seed: ring.opened(name).secret).sign(message)
    }
}
