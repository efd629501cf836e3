import Cryptography
import Encodings
import Octets
import TestSupport
import Testing

@Suite(
    "公开向量 published vectors of the primitives",
    .enabled(if: Vectors.folder != nil, "no vectors: set CITIZEN_VECTORS")
)
struct VectorTests {
    @Test
    func `AES-CMAC agrees with every Wycheproof case of a key we use`() throws {
        var used = 0
        for test in try Vectors.cases("wycheproof/aes_cmac_test.json") {
            let cipher: BlockCipher
            switch test.octets("key").count {
            case 16: cipher = .aes128
            case 32: cipher = .aes256
            default: continue
            }
            guard test.number("tagSize") == 128 else { continue }
            used += 1
            let tag = try MessageAuthentication.cmac(
                cipher,
                key: SecretOctets(copying: test.octets("key")),
                test.octets("msg")
            )
            #expect(constantTimeEquals(tag, test.octets("tag")) == (test.result == "valid"), "case \(test.id)")
        }
        #expect(used > 150)
    }

    @Test(arguments: [("hmac_sha256_test.json", Digest.sha256), ("hmac_sm3_test.json", Digest.sm3)])
    func `HMAC agrees with every Wycheproof case`(file: String, digest: Digest) throws {
        for test in try Vectors.cases("wycheproof/\(file)") {
            let tag = MessageAuthentication.hmac(digest, key: test.octets("key"), test.octets("msg"))
            let expected = test.octets("tag")
            let agrees = constantTimeEquals(tag.prefix(expected.count), expected)
            #expect(agrees == (test.result == "valid"), "case \(test.id)")
        }
    }

    @Test
    func `AES-256-GCM opens what is valid and nothing else`() throws {
        var used = 0
        for test in try Vectors.cases("wycheproof/aes_gcm_test.json") {
            guard test.number("keySize") == 256, test.number("ivSize") == 96, test.number("tagSize") == 128 else {
                continue
            }
            used += 1
            let opened = try? SealedBox.open(
                key: SecretOctets(copying: test.octets("key")),
                nonce: test.octets("iv"),
                associated: test.octets("aad"),
                test.octets("ct") + test.octets("tag")
            )
            #expect((opened == test.octets("msg")) == (test.result == "valid"), "case \(test.id)")
        }
        #expect(used == 66)
    }

    @Test
    func `ECDSA P-256 in DER: no invalid signature accepted, no valid one refused`() throws {
        for test in try Vectors.cases("wycheproof/ecdsa_secp256r1_sha256_test.json") {
            guard let group = test.members["publicKeyDer"] as? String else {
                Issue.record("case \(test.id) has no key")
                continue
            }
            let key = try PublicKey(spki: Hex.decode(group))
            let signature = test.octets("sig")
            let accepted =
                SignatureForm.raw(fromDER: signature) != nil && key.verifies(signature, of: test.octets("msg"))
            #expect(accepted == (test.result == "valid"), "case \(test.id) \(test.comment)")
        }
    }

    @Test
    func `Ed25519: no invalid signature accepted, no valid one refused`() throws {
        for test in try Vectors.cases("wycheproof/ed25519_test.json") {
            guard let group = test.members["publicKeyDer"] as? String else {
                Issue.record("case \(test.id) has no key")
                continue
            }
            let key = try PublicKey(spki: Hex.decode(group))
            let accepted = key.verifies(test.octets("sig"), of: test.octets("msg"))
            #expect(accepted == (test.result == "valid"), "case \(test.id) \(test.comment)")
        }
    }

    @Test
    func `SM3 of every case`() throws {
        for test in try Vectors.cases("sm/sm3_test.json") {
            var message = test.octets("msg")
            if let long = test.members["repeat"] as? [String: Any], let count = long["count"] as? Int {
                message = [UInt8](repeating: 0x61, count: count)
            }
            let agrees = Digest.sm3.hash(message) == test.octets("digest")
            #expect(agrees == (test.result == "valid"), "case \(test.id) \(test.comment)")
        }
    }

    @Test
    func `the derived card keys of the profile sheet`() throws {
        let context = try Hex.decode("4343000125010000000730")
        let master = try SecretOctets(copying: Hex.decode("000102030405060708090a0b0c0d0e0f"))
        let key = try KeyDerivation.counterCMAC(.aes128, master: master, label: "CC1/SCP03/ENC", context: context)
        let matches = try key.equals(Hex.decode("9976E6DCDE3C2B002135D97732855F39"))
        #expect(matches)
        let gm = try Hex.decode("4343000125010000000738")
        let smKey = try KeyDerivation.counterCMAC(.sm4, master: master, label: "CC1/SCP03/DEK", context: gm)
        let smMatches = try smKey.equals(Hex.decode("1804DB86B90D0277522EFA6198C430AF"))
        #expect(smMatches)
    }
}

@Suite("非对称 keys in this process")
struct KeyTests {
    @Test(arguments: [PublicKey.Algorithm.p256, .sm2, .ed25519])
    func `a signature holds for its message and its key alone`(algorithm: PublicKey.Algorithm) throws {
        let key = try PrivateKey.generate(algorithm)
        let other = try PrivateKey.generate(algorithm)
        let message: [UInt8] = Array("市民卡".utf8)
        let signature = try key.sign(message)
        #expect(key.publicKey.verifies(signature, of: message))
        #expect(!key.publicKey.verifies(signature, of: message + [0]))
        #expect(!other.publicKey.verifies(signature, of: message))
        let restored = try PrivateKey(pkcs8: key.pkcs8())
        #expect(restored.publicKey.spki == key.publicKey.spki)
    }

    @Test
    func `a point off the curve is no key`() throws {
        let key = try PrivateKey.generate(.p256).publicKey
        var point = try #require(key.point)
        #expect(try PublicKey(point: point, on: .p256).spki == key.spki)
        point[64] ^= 1
        #expect(throws: CryptographyFault.self) { try PublicKey(point: point, on: .p256) }
    }
}
