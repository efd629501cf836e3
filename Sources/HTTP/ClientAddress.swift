/// What may be kept of a client's address.
enum ClientAddress {
    /// Whether a text could be one numeric address; the front writes exactly one.
    static func isAddress(_ text: String) -> Bool {
        (2...45).contains(text.utf8.count)
            && text.utf8.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }

    /// The net: two groups of the address, the rest put to nought, so that no line points at a person.
    static func net(_ address: String?) -> String {
        guard let address else { return "-" }
        if address.contains(":") {
            let groups = address.split(separator: ":", omittingEmptySubsequences: false).prefix(2)
            return groups.count == 2 ? groups.joined(separator: ":") + "::" : "-"
        }
        let parts = address.split(separator: ".")
        return parts.count == 4 ? "\(parts[0]).\(parts[1]).0.0" : "-"
    }
}
