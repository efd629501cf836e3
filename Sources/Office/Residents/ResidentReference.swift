import KeyHierarchy
import Octets

/// 居民代称 How evidence names a resident: keyed, so that row numbers stay in the house.
enum ResidentReference {
    /// `r:` and twelve hexadecimal digits.
    static func of(_ resident: Int64, _ keys: KeyRing) throws -> String {
        let message = Array("citizen/resident/v1".utf8) + [0] + resident.bigEndianOctets
        return "r:" + Hex.encode(try keys.mac("evidence.commit", message).prefix(6))
    }
}
