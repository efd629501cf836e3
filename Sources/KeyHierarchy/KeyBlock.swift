package import Cryptography
package import Octets

/// 密钥块 CKB1: the stored form of a key wrapped by another.
///
/// The header (everything before the nonce) is the associated data of AES-256-GCM, so purpose, usage and version are
/// bound to the key. A header alone is never believed: the caller compares it with its own record before opening.
package struct KeyBlock: Hashable, Sendable {
    /// Why octets are no key block.
    package enum Fault: Error, Hashable, Sendable {
        case truncated(field: String, offset: Int)
        case leftOver(offset: Int)
        case value(field: String)
    }

    package let algorithm: KeyAlgorithm
    package let usages: Set<KeyUsage>
    package let name: KeyName
    package let parent: KeyName
    /// Check value `cmac0`, for a pair `spki`, or nothing; never more than 3 octets.
    package let checkValue: KeyCheckValue?
    package let nonce: [UInt8]
    /// Ciphertext ‖ tag.
    package let sealed: [UInt8]

    /// What is authenticated beside the key itself.
    package static func header(
        algorithm: KeyAlgorithm,
        usages: Set<KeyUsage>,
        name: KeyName,
        parent: KeyName,
        checkValue: KeyCheckValue?
    ) -> [UInt8] {
        var octets: [UInt8] = Array("CKB1".utf8) + [0x01, algorithm.blockNumber]
        octets += usages.reduce(UInt16(0)) { $0 | $1.bit }.bigEndianOctets
        octets += [0x01, 0x00] + name.version.bigEndianOctets
        octets += checkValue.map { [algorithm.checkForm] + $0.octets } ?? [0, 0, 0, 0]
        for purpose in [name.purpose, parent.purpose] { octets += [UInt8(purpose.utf8.count)] + Array(purpose.utf8) }
        return octets + parent.version.bigEndianOctets
    }

    package init(
        algorithm: KeyAlgorithm,
        usages: Set<KeyUsage>,
        name: KeyName,
        parent: KeyName,
        checkValue: KeyCheckValue?,
        nonce: [UInt8],
        sealed: [UInt8]
    ) {
        self.algorithm = algorithm
        self.usages = usages
        self.name = name
        self.parent = parent
        self.checkValue = checkValue
        self.nonce = nonce
        self.sealed = sealed
    }

    package var header: [UInt8] {
        Self.header(algorithm: algorithm, usages: usages, name: name, parent: parent, checkValue: checkValue)
    }

    package var encoded: [UInt8] { header + nonce + sealed }

    /// Reads a block; the whole input is used.
    package init(_ octets: [UInt8]) throws(Fault) {
        var cursor = ByteCursor(octets)
        do throws(ByteCursor.Fault) {
            let magic = try cursor.take(4, "magic")
            let suite = try cursor.uint8("suite")
            let algorithmNumber = try cursor.uint8("algorithm")
            let bits = try cursor.uint16("usage")
            let mode = try cursor.uint8("mode")
            let exportable = try cursor.uint8("exportable")
            let version = try cursor.uint32("version")
            let kcvForm = try cursor.uint8("check value")
            let kcv = try cursor.take(3, "check value")
            let purpose = try cursor.take(Int(try cursor.uint8("class")), "class")
            let parentPurpose = try cursor.take(Int(try cursor.uint8("parent")), "parent")
            let parentVersion = try cursor.uint32("parent version")
            nonce = try cursor.take(SealedBox.nonceLength, "nonce")
            guard let algorithm = KeyAlgorithm.allCases.first(where: { $0.blockNumber == algorithmNumber }) else {
                throw ByteCursor.Fault.truncated(field: "algorithm", offset: -1)
            }
            self.algorithm = algorithm
            usages = Set(KeyUsage.allCases.filter { bits & $0.bit != 0 })
            let known = usages.reduce(UInt16(0)) { $0 | $1.bit }
            guard magic == Array("CKB1".utf8), suite == 1, mode == 1, exportable == 0, known == bits,
                let name = try? KeyName(String(decoding: purpose, as: UTF8.self), version: version),
                let parent = try? KeyName(String(decoding: parentPurpose, as: UTF8.self), version: parentVersion)
            else { throw ByteCursor.Fault.truncated(field: "header", offset: -1) }
            self.name = name
            self.parent = parent
            switch kcvForm {
            case 0 where kcv == [0, 0, 0]: checkValue = nil
            case algorithm.checkForm: checkValue = KeyCheckValue(octets: kcv)
            default: throw ByteCursor.Fault.truncated(field: "check value", offset: -1)
            }
            let length = algorithm.secretLength.map { $0 + SealedBox.tagLength }
            sealed = cursor.rest()
            guard let length, sealed.count == length else {
                throw ByteCursor.Fault.truncated(field: "ciphertext", offset: -1)
            }
        } catch {
            switch error {
            case .truncated(let field, -1): throw .value(field: field)
            case .truncated(let field, let offset): throw .truncated(field: field, offset: offset)
            case .leftOver(let offset): throw .leftOver(offset: offset)
            }
        }
    }
}

/// 校验值 Three octets that tell two keys apart without telling anything of either.
package struct KeyCheckValue: Hashable, Sendable, CustomStringConvertible {
    package let octets: [UInt8]

    package init(octets: [UInt8]) { self.octets = Array(octets.prefix(3)) }

    package var description: String { Hex.encodeUpper(octets) }

    /// `cmac0`: the CMAC of sixteen zero octets (AES, SM4); nil for keys of other kinds.
    package static func cmac0(_ algorithm: KeyAlgorithm, _ key: borrowing SecretOctets) -> KeyCheckValue? {
        guard let cipher = BlockCipher(algorithm),
            let tag = try? MessageAuthentication.cmac(cipher, key: key, [UInt8](repeating: 0, count: 16))
        else { return nil }
        return KeyCheckValue(octets: tag)
    }

    /// What the register and the key block hold: `cmac0`, or `spki` of the pair that a seed makes.
    package static func stored(_ algorithm: KeyAlgorithm, _ key: borrowing SecretOctets) -> KeyCheckValue? {
        guard algorithm == .ed25519 else { return cmac0(algorithm, key) }
        return (try? PrivateKey(ed25519Seed: key)).map { spki($0.publicKey) }
    }

    /// `gp01`: one block of 01 enciphered, what a GlobalPlatform card answers to PUT KEY.
    package static func gp01(_ cipher: BlockCipher, _ key: borrowing SecretOctets) -> KeyCheckValue? {
        guard let block = try? cipher.encryptECB(key: key, [UInt8](repeating: 1, count: cipher.blockLength)) else {
            return nil
        }
        return KeyCheckValue(octets: block)
    }

    /// `spki`: the head of the SHA-256 of a public key's SubjectPublicKeyInfo.
    package static func spki(_ key: PublicKey) -> KeyCheckValue { KeyCheckValue(octets: Digest.sha256.hash(key.spki)) }
}

extension KeyAlgorithm {
    /// The form of the check value in a key block (CKB1, octet 14).
    var checkForm: UInt8 {
        switch self {
        case .aes128, .aes256, .sm4, .hmacSHA256: 0x01
        case .p256, .ed25519: 0x10
        }
    }
}

extension BlockCipher {
    init?(_ algorithm: KeyAlgorithm) {
        switch algorithm {
        case .aes128: self = .aes128
        case .aes256: self = .aes256
        case .sm4: self = .sm4
        case .p256, .ed25519, .hmacSHA256: return nil
        }
    }
}
