package import CardEngine
package import KeyHierarchy
package import Octets

/// 卡片密钥 The keys of one card out of the key ring: derived for a job and wiped with it; the masters stay where they
/// are (CC-1, 3.2).
package struct CardKeys: CardKeySource {
    private let keys: KeyRing
    /// The lot whose transport master opens blank cards.
    private let lot: String
    /// GB/T 2260, six digits.
    private let city: String

    package init(keys: KeyRing, lot: String, city: String) {
        self.keys = keys
        self.lot = lot
        self.city = city
    }

    package func keySet(_ version: UInt8, csn: [UInt8]) throws -> CardKeySet {
        let master = try KeyName(version == 0xFF ? "card.transport.\(lot)" : "card.issuer.scp03")
        let context = csn + [version]
        return CardKeySet(
            version: version,
            encryption: try keys.derive(master, label: "CC1/SCP03/ENC", context: context),
            authentication: try keys.derive(master, label: "CC1/SCP03/MAC", context: context),
            dataEncryption: try keys.derive(master, label: "CC1/SCP03/DEK", context: context)
        )
    }

    package func key(_ use: CardKeyUse, csn: [UInt8], cardNumber: [UInt8]) throws -> SecretOctets {
        switch use {
        case .reader: try keys.derive(KeyName("card.reader"), label: "CC1/CIT/RA", context: csn + [1])
        case .pivAdministration: try keys.derive(KeyName("card.piv.9b"), label: "CC1/PIV/9B", context: csn + [1])
        case .purchase: try purseKey("consume", cardNumber)
        case .load: try purseKey("load", cardNumber)
        case .transactionCode: try purseKey("tac", cardNumber)
        }
    }

    /// The purse application's identifier as names of keys have it.
    static let purse = Hex.encodeUpper(CC1.purse)

    /// 城市消费密钥 What a terminal's PSAM holds: the level between root and card.
    package func cityPurchaseKey() throws -> SecretOctets {
        try keys.derivePurseKey(KeyName("card.app.\(Self.purse).consume"), factors: [cityFactor()])
    }

    private func cityFactor() throws -> [UInt8] {
        try Hex.decode(city) + [UInt8](repeating: 0xFF, count: 5)
    }

    /// Root to city to card: the city's code padded with FF, then the last 8 octets of the card number.
    private func purseKey(_ purpose: String, _ cardNumber: [UInt8]) throws -> SecretOctets {
        try keys.derivePurseKey(
            KeyName("card.app.\(Self.purse).\(purpose)"),
            factors: [cityFactor(), Array(cardNumber.suffix(8))]
        )
    }
}
