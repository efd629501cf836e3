import HTTP
import Octets
import Office

/// 卡片编号 The random reference in a card's addresses.
enum CardReference {
    /// Throws `.absent(.card)` for what cannot be one.
    static func read(_ parameters: Parameters) throws -> [UInt8] { try octets(try parameters["card"]) }

    static func octets(_ text: String) throws(Refusal) -> [UInt8] {
        guard let octets = try? Hex.decode(text), octets.count == 16 else { throw .absent(.card) }
        return octets
    }
}
