import CPKCS11
import KeyHierarchy

/// 对象属性 What the attributes of each kind of object must be: for making it, and for comparing it at start.
///
/// Nothing can be lowered later (MODIFIABLE false) or copied with other attributes (COPYABLE false), and the list of
/// allowed mechanisms keeps a key from every other operation of the same usage bit.
struct ObjectProfile: Sendable {
    /// A truth with the name that a finding gives it.
    struct Truth: Sendable {
        let name: String
        let type: UInt
        let value: Bool
    }

    let objectClass: UInt
    let keyType: UInt
    /// CKA_VALUE_LEN of a secret key.
    let valueOctets: Int?
    let truths: [Truth]
    let mechanisms: [UInt]

    /// The profile of a secret key; nil when a token does not hold keys of this algorithm.
    static func secret(_ algorithm: KeyAlgorithm, _ vendor: VendorMechanisms) -> ObjectProfile? {
        switch algorithm {
        case .aes256:
            ObjectProfile(
                objectClass: UInt(CKO_SECRET_KEY),
                keyType: UInt(CKK_AES),
                valueOctets: 32,
                truths: guarded + usages(encrypt: true, sign: false),
                mechanisms: [vendor.aesGCM]
            )
        case .aes128:
            ObjectProfile(
                objectClass: UInt(CKO_SECRET_KEY),
                keyType: UInt(CKK_AES),
                valueOctets: 16,
                truths: guarded + usages(encrypt: false, sign: true),
                mechanisms: [vendor.aesCMAC]
            )
        case .sm4, .p256, .ed25519, .hmacSHA256: nil
        }
    }

    /// The private half of a pair that signs digests.
    static func privateKey(_ vendor: VendorMechanisms) -> ObjectProfile {
        ObjectProfile(
            objectClass: UInt(CKO_PRIVATE_KEY),
            keyType: UInt(CKK_EC),
            valueOctets: nil,
            truths: guarded + [
                Truth(name: "SIGN", type: UInt(CKA_SIGN), value: true),
                Truth(name: "SIGN_RECOVER", type: UInt(CKA_SIGN_RECOVER), value: false),
                Truth(name: "DECRYPT", type: UInt(CKA_DECRYPT), value: false),
                Truth(name: "UNWRAP", type: UInt(CKA_UNWRAP), value: false),
                Truth(name: "DERIVE", type: UInt(CKA_DERIVE), value: false),
            ],
            mechanisms: [vendor.ecdsa]
        )
    }

    /// The public half: its point is compared with the register, its attributes protect nothing.
    static var publicKey: ObjectProfile {
        ObjectProfile(
            objectClass: UInt(CKO_PUBLIC_KEY),
            keyType: UInt(CKK_EC),
            valueOctets: nil,
            truths: [
                Truth(name: "TOKEN", type: UInt(CKA_TOKEN), value: true),
                Truth(name: "PRIVATE", type: UInt(CKA_PRIVATE), value: false),
                Truth(name: "MODIFIABLE", type: UInt(CKA_MODIFIABLE), value: false),
                Truth(name: "VERIFY", type: UInt(CKA_VERIFY), value: true),
                Truth(name: "ENCRYPT", type: UInt(CKA_ENCRYPT), value: false),
                Truth(name: "WRAP", type: UInt(CKA_WRAP), value: false),
            ],
            mechanisms: []
        )
    }

    /// The attributes for making an object: all of the profile, with CKA_LABEL and CKA_ID from the name.
    func template(_ name: KeyName) -> Template {
        let template = Template()
        template.add(UInt(CKA_CLASS), words: [objectClass]).add(UInt(CKA_KEY_TYPE), words: [keyType])
        let octets = Array(name.description.utf8)
        template.add(UInt(CKA_LABEL), octets).add(UInt(CKA_ID), octets)
        for truth in truths { template.add(truth.type, truth.value) }
        if !mechanisms.isEmpty { template.add(cpkcs11_allowed_mechanisms, words: mechanisms) }
        return template
    }

    private static var guarded: [Truth] {
        [
            Truth(name: "TOKEN", type: UInt(CKA_TOKEN), value: true),
            Truth(name: "PRIVATE", type: UInt(CKA_PRIVATE), value: true),
            Truth(name: "SENSITIVE", type: UInt(CKA_SENSITIVE), value: true),
            Truth(name: "EXTRACTABLE", type: UInt(CKA_EXTRACTABLE), value: false),
            Truth(name: "MODIFIABLE", type: UInt(CKA_MODIFIABLE), value: false),
            Truth(name: "COPYABLE", type: UInt(CKA_COPYABLE), value: false),
        ]
    }

    private static func usages(encrypt: Bool, sign: Bool) -> [Truth] {
        [
            Truth(name: "ENCRYPT", type: UInt(CKA_ENCRYPT), value: encrypt),
            Truth(name: "DECRYPT", type: UInt(CKA_DECRYPT), value: encrypt),
            Truth(name: "SIGN", type: UInt(CKA_SIGN), value: sign),
            Truth(name: "VERIFY", type: UInt(CKA_VERIFY), value: false),
            Truth(name: "WRAP", type: UInt(CKA_WRAP), value: false),
            Truth(name: "UNWRAP", type: UInt(CKA_UNWRAP), value: false),
            Truth(name: "DERIVE", type: UInt(CKA_DERIVE), value: false),
        ]
    }
}
