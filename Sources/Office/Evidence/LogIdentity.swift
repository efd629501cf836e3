package import Cryptography
package import Evidence

/// 日志身份 Under which name and key a log signs, and what it believes of a note.
package struct LogIdentity: Sendable {
    /// The key that signs now.
    package let key: VerifierKey
    /// This key and the ones before it: what they signed holds for ever.
    package let keys: [VerifierKey]
    let signer: any Signer

    /// The origin is the keys' name. Throws when a key is not an Ed25519 key.
    package init(origin: String, signer: any Signer, former: [PublicKey] = []) throws {
        let keys = try ([signer.publicKey] + former).map { publicKey in
            guard let octets = publicKey.ed25519 else { throw Refusal.unavailable(.keys) }
            return try VerifierKey(name: origin, key: octets)
        }
        self.keys = keys
        key = keys[0]
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
        guard let note = try? SignedNote(octets), (try? note.signers(among: keys)) != nil,
            let checkpoint = try? Checkpoint(note.text), checkpoint.origin == origin
        else { return nil }
        return checkpoint
    }
}
