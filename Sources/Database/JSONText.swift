/// A `jsonb` value as its JSON text. The server parses it; it comes back in the server's own spelling, so nothing
/// that is signed or hashed may be kept this way.
package struct JSONText: Hashable, Sendable {
    /// The JSON document.
    package let text: String

    /// Wraps a document; whether it is JSON is the server's judgement (SQLSTATE 22P02).
    package init(_ text: String) { self.text = text }
}

extension JSONText: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.jsonb }

    /// The binary form is the version octet 0x01 and the text.
    package func encode(into octets: inout [UInt8]) throws(DatabaseFault) {
        octets.append(0x01)
        try text.encode(into: &octets)
    }

    package static func decode(_ cell: Cell) throws(DatabaseFault) -> JSONText {
        let octets = try cell.octets(of: [TypeOID.jsonb])
        guard octets.first == 0x01, let text = String(validating: octets.dropFirst(), as: UTF8.self) else {
            throw cell.fault(.value)
        }
        return JSONText(text)
    }
}
