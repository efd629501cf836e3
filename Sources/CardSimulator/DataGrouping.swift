import Octets

/// 数据分组 One DGI of a STORE DATA list: identifier(2) ‖ length ‖ data.
struct DataGrouping: Hashable, Sendable {
    let identifier: UInt16
    let data: [UInt8]

    /// Octets of a list at most.
    static let mostOctets = 4_096

    /// Reads a whole list; throws 6A80 on an empty or malformed one. A length is 00-FE, or FF and two octets.
    static func list(_ joined: [UInt8]) throws(StatusWord) -> [DataGrouping] {
        var cursor = ByteCursor(joined)
        var list: [DataGrouping] = []
        do throws(ByteCursor.Fault) {
            while cursor.remaining > 0 {
                let identifier = try cursor.uint16("identifier")
                var length = Int(try cursor.uint8("length"))
                if length == 0xFF { length = Int(try cursor.uint16("length")) }
                list.append(DataGrouping(identifier: identifier, data: try cursor.take(length, "data")))
            }
        } catch {
            throw .wrongData
        }
        guard !list.isEmpty else { throw .wrongData }
        return list
    }

    /// A secret DGI 80xx of a stated length, decrypted under the static DEK of the session's set.
    func secret(_ count: Int, under set: KeySet) throws(StatusWord) -> [UInt8] {
        guard data.count == count else { throw .wrongData }
        let zero = [UInt8](repeating: 0, count: 16)
        return try set.cipher.unchained(data, key: set.dataEncryption, initial: zero)
    }
}
