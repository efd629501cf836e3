import CPKCS11
import Cryptography
import Foundation
import HardwareKeys
import KeyHierarchy
import Octets
import Testing

extension HardwareKeysTests {
    /// The eight attacks of the security review, by somebody who has the PIN.
    @Suite("令牌攻击 attacks on the objects we provision")
    struct TokenAttackTests {
        let custody: TokenCustody
        let raw: RawToken
        let kek: KeyName
        let master: KeyName
        let pair: KeyName
        let records: [KeyRecord]
        private let kekHandle: UInt
        private let masterHandle: UInt
        private let pairHandle: UInt

        init() throws {
            let token = try TestToken.shared.get()
            custody = try TokenCustody(token.settings())
            raw = try RawToken(token)
            kek = try TokenCustodyTests.fresh("kek.card")
            master = try TokenCustodyTests.fresh("card.transport")
            pair = try TokenCustodyTests.fresh("perso.batch")
            let octets = SystemRandom().octets(16)
            try custody.bring(kek, .aes256, SystemRandom().secret(32))
            try custody.bring(master, .aes128, SecretOctets(copying: octets))
            let point = try custody.makePair(pair)
            let checkValue = KeyCheckValue.cmac0(.aes128, SecretOctets(copying: octets))
            records = [
                Self.record(kek, .aes256), Self.record(master, .aes128, checkValue: checkValue),
                Self.record(pair, .p256, point: point),
            ]
            kekHandle = try #require(raw.find(kek.description, class: CKO_SECRET_KEY).first)
            masterHandle = try #require(raw.find(master.description, class: CKO_SECRET_KEY).first)
            pairHandle = try #require(raw.find(pair.description, class: CKO_PRIVATE_KEY).first)
        }

        static func record(
            _ name: KeyName,
            _ algorithm: KeyAlgorithm,
            checkValue: KeyCheckValue? = nil,
            point: [UInt8]? = nil
        ) -> KeyRecord {
            KeyRecord(
                name: name,
                algorithm: algorithm,
                custody: .token,
                state: .active,
                checkValue: checkValue,
                point: point,
                block: nil,
                activeDays: 1,
                usableDays: 1
            )
        }

        /// Findings on the objects of this test; others left theirs behind.
        func findings() throws -> [ObjectFinding] {
            try custody.verifyObjects(records: records).filter { finding in
                guard case .foreign(let label, let identifier) = finding else { return true }
                return records.contains { $0.name.description == label || $0.name.description == identifier }
            }
        }

        private var all: [UInt] { [kekHandle, masterHandle, pairHandle] }

        @Test
        func `1 no key wraps another, so there is no blob to decrypt`() throws {
            for key in [kekHandle, masterHandle] {
                for target in all {
                    for mechanism in [CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_PAD, CKM_AES_GCM, CKM_AES_ECB] {
                        #expect(raw.wrap(mechanism, with: key, target).code != 0)
                    }
                }
            }
        }

        @Test
        func `2 nothing is unwrapped as a readable secret, and no value is read`() throws {
            let attributes = [
                (CKA_CLASS, RawToken.word(CKO_SECRET_KEY)), (CKA_KEY_TYPE, RawToken.word(CKK_GENERIC_SECRET)),
                (CKA_SENSITIVE, [0 as UInt8]), (CKA_EXTRACTABLE, [1]), (CKA_TOKEN, [0]),
            ]
            for key in [kekHandle, masterHandle] {
                for mechanism in [CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_PAD, CKM_AES_CBC_PAD] {
                    #expect(raw.unwrap(mechanism, with: key, [UInt8](repeating: 7, count: 24), attributes) != 0)
                }
            }
            for handle in all { #expect(raw.value(handle).code == CKR_ATTRIBUTE_SENSITIVE) }
        }

        @Test
        func `3 no usage is switched on later`() throws {
            for handle in all {
                for usage in [CKA_DECRYPT, CKA_ENCRYPT, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE, CKA_SIGN] {
                    #expect(raw.set(handle, usage, [1]) != 0)
                }
                #expect(raw.set(handle, CKA_MODIFIABLE, [1]) != 0)
            }
            #expect(try findings() == [])
        }

        @Test
        func `4 sensitive is not lowered, extractable not raised, no copy is made with other attributes`() throws {
            for handle in all {
                #expect([CKR_ATTRIBUTE_READ_ONLY, CKR_ACTION_PROHIBITED].contains(raw.set(handle, CKA_SENSITIVE, [0])))
                #expect(
                    [CKR_ATTRIBUTE_READ_ONLY, CKR_ACTION_PROHIBITED].contains(raw.set(handle, CKA_EXTRACTABLE, [1]))
                )
                #expect(raw.copy(handle, []) == CKR_ACTION_PROHIBITED)
                #expect(raw.copy(handle, [(CKA_MODIFIABLE, [1]), (CKA_DECRYPT, [1])]) == CKR_ACTION_PROHIBITED)
                #expect(raw.copy(handle, [(CKA_LABEL, Array("other".utf8))]) == CKR_ACTION_PROHIBITED)
            }
            #expect(try findings() == [])
        }

        @Test
        func `5 an attacker's own wrapping key does not get our keys out`() throws {
            let made = raw.create([
                (CKA_CLASS, RawToken.word(CKO_SECRET_KEY)), (CKA_KEY_TYPE, RawToken.word(CKK_AES)),
                (CKA_VALUE, [UInt8](repeating: 1, count: 32)), (CKA_TOKEN, [0]), (CKA_WRAP, [1]), (CKA_DECRYPT, [1]),
            ])
            #expect(made.code == 0)
            for target in all {
                for mechanism in [CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_PAD] {
                    let answer = raw.wrap(mechanism, with: made.handle, target).code
                    #expect(answer == CKR_KEY_UNEXTRACTABLE || answer == CKR_KEY_NOT_WRAPPABLE)
                }
            }
            raw.destroy(made.handle)
        }

        @Test
        func `6 a key takes part in its one mechanism only`() throws {
            let block = [CKM_AES_ECB, CKM_AES_CBC, CKM_AES_CBC_PAD, CKM_AES_CTR, CKM_AES_CMAC, CKM_AES_GCM]
            for mechanism in block {
                #expect(raw.start(.encrypt, mechanism, masterHandle) != 0)
                #expect(raw.start(.decrypt, mechanism, masterHandle) != 0)
                if mechanism != CKM_AES_GCM {
                    #expect(raw.start(.encrypt, mechanism, kekHandle) != 0)
                    #expect(raw.start(.decrypt, mechanism, kekHandle) != 0)
                }
            }
            #expect(raw.start(.sign, CKM_AES_CMAC, kekHandle) != 0)
            #expect(raw.start(.sign, CKM_AES_CMAC_GENERAL, masterHandle) != 0)
            #expect(raw.start(.sign, CKM_EDDSA, pairHandle) != 0)
            #expect(raw.start(.decrypt, CKM_RSA_PKCS, pairHandle) != 0)
        }

        @Test
        func `7 a key is not renamed, and a planted or lowered one is named at start`() throws {
            for handle in all {
                #expect(raw.set(handle, CKA_LABEL, Array("root.kek#1".utf8)) != 0)
                #expect(raw.set(handle, CKA_ID, Array("root.kek#1".utf8)) != 0)
            }
            #expect(try findings() == [])

            // A second object of the name: neither is used.
            let planted = plant(kek, label: kek.description)
            #expect(throws: CustodyFault.altered(kek)) {
                try TokenCustody(TestToken.shared.get().settings()).point(kek)
            }
            let doubled = try findings()
            #expect(doubled.contains(.doubled(kek)))
            for name in ["SENSITIVE", "EXTRACTABLE", "MODIFIABLE", "COPYABLE", "WRAP", "ALLOWED_MECHANISMS"] {
                #expect(doubled.contains(.attribute(kek, name: name)), "\(name)")
            }

            // Ours gone, the planted one in its place.
            raw.destroy(kekHandle)
            let lowered = try findings()
            #expect(lowered.contains(.attribute(kek, name: "SENSITIVE")))
            #expect(!lowered.contains(.doubled(kek)))
            raw.destroy(planted)
            #expect(try findings() == [.missing(kek)])

            // A key of our own making under a label that is not its identifier.
            let renamed = plant(kek, label: "other#1")
            let found = try findings()
            #expect(found.contains(.foreign(label: "other#1", identifier: kek.description)))
            #expect(found.contains(.missing(kek)))
            raw.destroy(renamed)
        }

        @Test
        func `7 another key in the place of a master or a pair is named at start`() throws {
            raw.destroy(masterHandle)
            try custody.bring(master, .aes128, SystemRandom().secret(16))
            raw.destroy(pairHandle)
            raw.destroy(try #require(raw.find(pair.description, class: CKO_PUBLIC_KEY).first))
            _ = try custody.makePair(pair)
            #expect(try findings() == [.otherKey(master), .otherKey(pair)])
        }

        @Test
        func `8 a handle is dead after a logout, also after the next login`() throws {
            let dead = [CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN]
            raw.logout()
            #expect(dead.contains(raw.start(.sign, CKM_ECDSA, pairHandle)))
            #expect(try custody.sign(pair, digest: [UInt8](repeating: 1, count: 32)).count == 64)
            #expect(dead.contains(raw.start(.sign, CKM_ECDSA, pairHandle)))
            let handle = try #require(raw.find(pair.description, class: CKO_PRIVATE_KEY).first)
            #expect(raw.start(.sign, CKM_ECDSA, handle) == 0)
        }

        private func plant(_ name: KeyName, label: String) -> UInt {
            let made = raw.create([
                (CKA_CLASS, RawToken.word(CKO_SECRET_KEY)), (CKA_KEY_TYPE, RawToken.word(CKK_AES)),
                (CKA_VALUE, [UInt8](repeating: 1, count: 32)), (CKA_TOKEN, [1]), (CKA_PRIVATE, [1]),
                (CKA_SENSITIVE, [0]), (CKA_EXTRACTABLE, [1]), (CKA_ENCRYPT, [1]), (CKA_DECRYPT, [1]), (CKA_WRAP, [1]),
                (CKA_LABEL, Array(label.utf8)), (CKA_ID, Array(name.description.utf8)),
            ])
            #expect(made.code == 0)
            return made.handle
        }
    }
}
