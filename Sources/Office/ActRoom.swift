package import Cryptography
package import Database
package import KeyHierarchy
package import Policies

/// What an act finds around it: who asks, what time it is, the rules and the keys. Everything is handed in.
package struct ActRoom: Sendable {
    package let caller: Caller
    /// The one clock reading of this act.
    package let now: Timestamp
    /// Names the act in evidence, in rows that refer to it and on the receipt.
    package let tx: [UInt8]
    package let random: any RandomSource
    package let keys: KeyRing
    package let vault: ResidentVault
    package let roles: RolePolicy
    package let city: CityPolicy
    private let numbers: RowNumbers

    init(
        caller: Caller,
        now: Timestamp,
        tx: [UInt8],
        random: any RandomSource,
        keys: KeyRing,
        vault: ResidentVault,
        roles: RolePolicy,
        city: CityPolicy,
        numbers: RowNumbers
    ) {
        self.caller = caller
        self.now = now
        self.tx = tx
        self.random = random
        self.keys = keys
        self.vault = vault
        self.roles = roles
        self.city = city
        self.numbers = numbers
    }

    /// A fresh row number, sorted by time.
    package func rowNumber() -> Int64 { numbers.next(at: now) }
}
