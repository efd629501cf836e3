package import Cryptography
package import Evidence

/// 日志身份 Under which name and key a log signs, and what it believes of a note.
package struct LogIdentity: Sendable {
    /// The key that verifies its checkpoints.
    package let key: VerifierKey
    let signer: any Signer

    /// The origin is the key's name. Throws when the signer is not an Ed25519 key.
    package init(origin: String, signer: any Signer) throws {
        guard let octets = signer.publicKey.ed25519 else { throw Refusal.unavailable(.keys) }
        key = try VerifierKey(name: origin, key: octets)
        self.signer = signer
    }

    /// The name of the log.
    package var origin: String { key.name }

    /// Signs a durable checkpoint. Blocks: called on a worker thread.
    func sign(_ checkpoint: Checkpoint) throws -> SignedNote {
        let signature = try signer.sign(Array(checkpoint.text.utf8))
        return SignedNote(text: checkpoint.text, signatures: [.init(by: key, signature)])
    }

    /// The checkpoint of a note that this log signed; nil for any other.
    package func checkpoint(in octets: [UInt8]) -> Checkpoint? {
        guard let note = try? SignedNote(octets), (try? note.signers(among: [key])) != nil,
            let checkpoint = try? Checkpoint(note.text), checkpoint.origin == origin
        else { return nil }
        return checkpoint
    }
}
