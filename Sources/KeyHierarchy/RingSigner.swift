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

/// An Ed25519 pair that is opened in locked memory; OpenSSL has it for the time of one signature.
struct SeedSigner: Signer {
    let opened: KeyRing.Opened
    let publicKey: PublicKey

    func sign(_ message: [UInt8]) throws -> [UInt8] { try PrivateKey(ed25519Seed: opened.secret).sign(message) }
}
