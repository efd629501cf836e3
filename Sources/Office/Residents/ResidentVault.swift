package import Cryptography
package import KeyHierarchy
import Octets

/// 个人信息保险箱 Seals the personal data of one resident under the resident's own key, and makes the keyed index by which
/// a value can be found without being readable.
///
/// A sealed value is bound to its table, column and resident: moved elsewhere it does not open.
package struct ResidentVault: Sendable {
    /// Why a value did not open.
    package enum Fault: Error, Hashable, Sendable {
        case form
        case altered(column: String)
        case erased
    }

    private let keys: KeyRing
    private let random: any RandomSource

    package init(keys: KeyRing, random: any RandomSource) {
        self.keys = keys
        self.random = random
    }

    /// 数据密钥 A resident's data key, opened for one act.
    package final class DataKey: Sendable {
        package let resident: Int64
        fileprivate let secret: SecretOctets

        fileprivate init(resident: Int64, _ secret: consuming SecretOctets) {
            self.resident = resident
            self.secret = secret
        }
    }

    /// Makes a data key; gives it opened, and wrapped (60 octets) for its row.
    package func makeKey(for resident: Int64) throws -> (key: DataKey, wrapped: [UInt8], kekVersion: Int32) {
        let secret = random.secret(32)
        let version = try keys.current("kek.pii").name.version
        let wrapped = try keys.seal("kek.pii", associated: Self.place(resident, version), secret)
        return (DataKey(resident: resident, secret), wrapped, Int32(version))
    }

    /// Opens the wrapped key of a resident's row.
    package func openKey(for resident: Int64, wrapped: [UInt8]?, kekVersion: Int32) throws -> DataKey {
        guard let wrapped else { throw Fault.erased }
        let name = try KeyName("kek.pii", version: UInt32(kekVersion))
        return DataKey(
            resident: resident,
            try keys.open(name, associated: Self.place(resident, name.version), wrapped)
        )
    }

    /// 01 ‖ key version(2) ‖ nonce(12) ‖ ciphertext ‖ tag(16): 31 octets more than the text.
    package func seal(
        _ text: [UInt8],
        table: String,
        column: String,
        with key: DataKey
    ) throws(CryptographyFault) -> [UInt8] {
        let nonce = random.octets(SealedBox.nonceLength)
        let sealed = try SealedBox.seal(
            key: key.secret,
            nonce: nonce,
            associated: Self.place(table, column, key.resident),
            text
        )
        var whole: [UInt8] = [0x01, 0x00, 0x01]
        whole.reserveCapacity(3 + nonce.count + sealed.count)
        whole += nonce
        whole += sealed
        return whole
    }

    /// The inverse of `seal`.
    package func open(_ sealed: [UInt8], table: String, column: String, with key: DataKey) throws(Fault) -> [UInt8] {
        guard sealed.count >= 31, sealed.starts(with: [0x01, 0x00, 0x01]) else { throw .form }
        do throws(CryptographyFault) {
            return try SealedBox.open(
                key: key.secret,
                nonce: Array(sealed[3..<15]),
                associated: Self.place(table, column, key.resident),
                Array(sealed[15...])
            )
        } catch { throw .altered(column: column) }
    }

    /// 盲索引 HMAC of a normalised value under the index key of its kind (CC-ID-v1).
    package func index(_ purpose: IndexPurpose, kind: String, _ value: String) throws -> [UInt8] {
        try keys.mac(
            "index.blind.\(purpose.rawValue)",
            Self.message(kind, value)
        )
    }

    /// As `index`, for several values under one key: the key is looked up once.
    package func indexes(_ purpose: IndexPurpose, _ values: [(kind: String, value: String)]) throws -> [[UInt8]] {
        try keys.macs(
            "index.blind.\(purpose.rawValue)",
            values.map { Self.message($0.kind, $0.value) }
        )
    }

    /// Which index key.
    package enum IndexPurpose: String, Sendable { case document, phone, name, cardno }

    private static func place(_ resident: Int64, _ kekVersion: UInt32) -> [UInt8] {
        Array("citizen/dek/v1".utf8) + [0] + resident.bigEndianOctets + [0, 1] + kekVersion.bigEndianOctets
    }

    private static func place(_ table: String, _ column: String, _ resident: Int64) -> [UInt8] {
        var place: [UInt8] = []
        place.reserveCapacity(64)
        place.append(UInt8(table.utf8.count))
        place += table.utf8
        place.append(UInt8(column.utf8.count))
        place += column.utf8
        place += resident.bigEndianOctets
        place += [0, 1]
        return place
    }

    private static func message(_ kind: String, _ value: String) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(64)
        message += "CC-ID-v1".utf8
        message.append(0)
        message += kind.utf8
        message.append(0)
        message += value.utf8
        return message
    }
}
