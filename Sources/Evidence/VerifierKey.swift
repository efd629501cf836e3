import Cryptography
import Octets

/// 验证密钥 A public key with the name under which it signs notes: `name+8 hex+base64(type ‖ key)` (C2SP signed-note).
package struct VerifierKey: Hashable, Sendable {
    /// What the key signs, by its type octet.
    package enum Kind: UInt8, Hashable, Sendable {
        /// The text of a note.
        case ed25519 = 0x01
        /// A time and the text: a witness (C2SP tlog-cosignature).
        case cosignature = 0x04
    }

    /// Why a text is no verifier key.
    package enum Fault: Error, Hashable, Sendable {
        case form
        case name
        case kind
        case keyID
        case key
    }

    /// Whose key it is.
    package let name: String
    /// Which signatures it verifies.
    package let kind: Kind
    /// The 32 octets of the Ed25519 key.
    package let key: [UInt8]

    /// A key by its parts; throws for a name or length that cannot be.
    package init(name: String, kind: Kind = .ed25519, key: [UInt8]) throws(Fault) {
        guard Self.isName(name) else { throw .name }
        guard key.count == 32 else { throw .key }
        self.name = name
        self.kind = kind
        self.key = key
    }

    /// Reads the one-line form.
    package init(_ text: String) throws(Fault) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let keyID = try? Hex.decode(parts[1]), keyID.count == 4,
            let octets = try? Base64.decode(parts[2])
        else { throw .form }
        guard let kind = octets.first.flatMap(Kind.init) else { throw .kind }
        try self.init(name: String(parts[0]), kind: kind, key: Array(octets.dropFirst()))
        guard keyID == self.keyID, self.text == text else { throw .keyID }
    }

    /// The one-line form of C2SP.
    package var text: String { "\(name)+\(Hex.encode(keyID))+\(Base64.encode([kind.rawValue] + key))" }

    /// What stands before a signature by this key.
    package var keyID: [UInt8] { Self.keyID(name: name, kind: [kind.rawValue], key: key) }

    /// SHA-256(name ‖ 0A ‖ type ‖ key), the first four octets.
    package static func keyID(name: String, kind: [UInt8], key: [UInt8]) -> [UInt8] {
        Array(Digest.sha256.hash(Array(name.utf8) + [0x0A] + kind + key).prefix(4))
    }

    /// Whether a signature, without its key id, is this key's over the text of a note.
    package func verifies(_ signature: [UInt8], of text: String) -> Bool {
        guard let publicKey = try? PublicKey(ed25519: key) else { return false }
        switch kind {
        case .ed25519: return signature.count == 64 && publicKey.verifies(signature, of: Array(text.utf8))
        case .cosignature:
            guard signature.count == 72 else { return false }
            let time = signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let message = "cosignature/v1\ntime \(time)\n\(text)"
            return publicKey.verifies(Array(signature.dropFirst(8)), of: Array(message.utf8))
        }
    }

    /// No blank, no plus, no control character, not empty.
    static func isName(_ name: some StringProtocol) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { scalar in
                !scalar.properties.isWhitespace && scalar != "+" && scalar.value >= 0x20 && scalar.value != 0x7F
            }
    }
}
