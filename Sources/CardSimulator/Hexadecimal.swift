import Octets

/// Octets that stand in the state file as hexadecimal text.
@propertyWrapper
struct Hexadecimal: Codable, Hashable, Sendable {
    var wrappedValue: [UInt8]

    init(wrappedValue: [UInt8]) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = try Hex.decode(try container.decode(String.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Hex.encodeUpper(wrappedValue))
    }
}

/// Records that stand in the state file as a list of hexadecimal texts.
@propertyWrapper
struct HexadecimalList: Codable, Hashable, Sendable {
    var wrappedValue: [[UInt8]]

    init(wrappedValue: [[UInt8]]) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = try container.decode([String].self).map { try Hex.decode($0) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue.map { Hex.encodeUpper($0) })
    }
}
