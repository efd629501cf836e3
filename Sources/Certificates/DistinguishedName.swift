import Encodings

/// 可辨别名 A subject or issuer: country, organisation, unit, name, in that order.
package struct DistinguishedName: Hashable, Sendable {
    package let country: String
    package let organization: String
    package let unit: String?
    package let commonName: String

    package init(country: String = "CN", organization: String, unit: String? = nil, commonName: String) {
        self.country = country
        self.organization = organization
        self.unit = unit
        self.commonName = commonName
    }

    var der: [UInt8] {
        var parts = attribute("2.5.4.6", DER.printable(country)) + attribute("2.5.4.10", DER.utf8(organization))
        if let unit { parts += attribute("2.5.4.11", DER.utf8(unit)) }
        return DER.sequence(parts + attribute("2.5.4.3", DER.utf8(commonName)))
    }

    private func attribute(_ oid: String, _ value: [UInt8]) -> [UInt8] {
        DER.set(DER.sequence(DER.oid(oid), value))
    }
}
