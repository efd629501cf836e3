package import Cryptography

/// 密钥登记 What the register says of one version of one key: everything but the key.
package struct KeyRecord: Hashable, Sendable {
    /// States of SP 800-57 part 1, clause 7.
    package enum State: String, Hashable, Sendable, CaseIterable {
        case preActive = "pre-active"
        case active, suspended, deactivated, compromised, destroyed
    }

    package let name: KeyName
    package let algorithm: KeyAlgorithm
    package let custody: CustodyLabel
    package let state: State
    package let checkValue: KeyCheckValue?
    /// The point of a pair, 04 ‖ X ‖ Y, or the 32 octets of an Ed25519 key.
    package let point: [UInt8]?
    /// CKB1 of a wrapped key; nil when the key lies in the custody.
    package let block: [UInt8]?
    /// Days from the making until the key stops making new things.
    package let activeDays: Int
    /// Days from the making until what it made is no longer served.
    package let usableDays: Int

    package init(
        name: KeyName,
        algorithm: KeyAlgorithm,
        custody: CustodyLabel,
        state: State,
        checkValue: KeyCheckValue?,
        point: [UInt8]?,
        block: [UInt8]?,
        activeDays: Int,
        usableDays: Int
    ) {
        self.name = name
        self.algorithm = algorithm
        self.custody = custody
        self.state = state
        self.checkValue = checkValue
        self.point = point
        self.block = block
        self.activeDays = activeDays
        self.usableDays = usableDays
    }

    /// The public key of a pair.
    package var publicKey: PublicKey? {
        point.flatMap { point in
            algorithm == .ed25519 ? try? PublicKey(ed25519: point) : try? PublicKey(point: point, on: .p256)
        }
    }
}
