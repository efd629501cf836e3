import Octets

/// 签名文本 A text with signatures under it (C2SP signed-note):
///
///     text, ending in a newline
///
///     — name base64(key id(4) ‖ signature)
package struct SignedNote: Hashable, Sendable {
    /// One signature line.
    package struct Signature: Hashable, Sendable {
        /// Who signed.
        package let name: String
        /// Four octets that name the key.
        package let keyID: [UInt8]
        /// The signature, in the form of the key's kind.
        package let signature: [UInt8]

        /// What a key signed.
        package init(by key: VerifierKey, _ signature: [UInt8]) {
            name = key.name
            keyID = key.keyID
            self.signature = signature
        }

        fileprivate init(name: String, keyID: [UInt8], signature: [UInt8]) {
            self.name = name
            self.keyID = keyID
            self.signature = signature
        }
    }

    /// Why octets are no signed note, or none that the keys accept.
    package enum Fault: Error, Hashable, Sendable {
        case tooLong
        case notText(offset: Int)
        case noSignatures
        case signatureLine(number: Int)
        /// A line of a known key whose signature does not hold.
        case badSignature(name: String)
        /// No line is by a known key.
        case unknownKeys
    }

    /// What is signed; it ends in a newline.
    package let text: String
    /// In the order of the file.
    package private(set) var signatures: [Signature]

    /// A note of these parts; nothing is verified.
    package init(text: String, signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note: the whole input, one spelling.
    package init(_ octets: [UInt8]) throws(Fault) {
        guard octets.count <= Self.longest else { throw .tooLong }
        if let offset = octets.firstIndex(where: { $0 < 0x20 && $0 != 0x0A }) { throw .notText(offset: offset) }
        guard let whole = String(validating: octets, as: UTF8.self) else { throw .notText(offset: 0) }
        let end = octets.count
        guard end > 2, octets[end - 1] == 0x0A,
            let gap = (1..<end - 1).last(where: { octets[$0 - 1] == 0x0A && octets[$0] == 0x0A })
        else { throw .noSignatures }
        let utf8 = whole.utf8
        let head = utf8.index(utf8.startIndex, offsetBy: gap)
        let lines = whole[utf8.index(after: head)...].dropLast().split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        guard lines.count <= Self.mostSignatures else { throw .tooLong }
        text = String(whole[..<head])
        signatures = []
        for (number, line) in lines.enumerated() {
            guard let signature = Self.signature(line) else { throw .signatureLine(number: number) }
            signatures.append(signature)
        }
    }

    /// The whole file.
    package var encoded: [UInt8] {
        let lines = signatures.map { "— \($0.name) \(Base64.encode($0.keyID + $0.signature))\n" }
        return Array((text + "\n" + lines.joined()).utf8)
    }

    /// The keys whose signatures hold. Lines of unknown keys are passed over; one line of a known key that does not
    /// hold refuses the whole note, and so does a note without a line of a known key.
    package func signers(among keys: [VerifierKey]) throws(Fault) -> [VerifierKey] {
        var signers: [VerifierKey] = []
        for line in signatures {
            for key in keys where key.name == line.name && key.keyID == line.keyID {
                guard key.verifies(line.signature, of: text) else { throw .badSignature(name: key.name) }
                if !signers.contains(key) { signers.append(key) }
            }
        }
        guard !signers.isEmpty else { throw .unknownKeys }
        return signers
    }

    private static let longest = 65_536
    private static let mostSignatures = 100

    private static func signature(_ line: Substring) -> Signature? {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "—", VerifierKey.isName(parts[1]),
            let octets = try? Base64.decode(parts[2]), octets.count > 4
        else { return nil }
        return Signature(
            name: String(parts[1]),
            keyID: Array(octets.prefix(4)),
            signature: Array(octets.dropFirst(4))
        )
    }
}
