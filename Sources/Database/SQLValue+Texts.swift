package import FoundationEssentials

extension String: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.text }

    /// U+0000 is refused here: the server has no place for it and would fail in the middle of a batch.
    package func encode(into octets: inout [UInt8]) throws(DatabaseFault) {
        guard !utf8.contains(0) else { throw .encode(.nulCharacter) }
        octets.append(contentsOf: utf8)
    }

    /// Reads `text`, `varchar`, `char(n)` and `name`; cast an enum with `::text`.
    package static func decode(_ cell: Cell) throws(DatabaseFault) -> String {
        guard let text = String(validating: try cell.octets(of: TypeOID.texts), as: UTF8.self) else {
            throw cell.fault(.value)
        }
        return text
    }
}

extension UUID: SQLEncodable, SQLDecodable {
    package static var oid: UInt32 { TypeOID.uuid }

    package func encode(into octets: inout [UInt8]) {
        let u = uuid
        octets += [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15]
    }

    package static func decode(_ cell: Cell) throws(DatabaseFault) -> UUID {
        let b = Array(try cell.octets(of: [TypeOID.uuid], count: 16))
        return UUID(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
            )
        )
    }
}
