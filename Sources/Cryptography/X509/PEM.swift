import Octets

/// PEM (RFC 7468): a label around base64 in lines of 64.
package enum PEM {
    /// The text of one object.
    package static func text(_ label: String, _ octets: [UInt8]) -> String {
        var lines: [Substring] = []
        var rest = Base64.encode(octets)[...]
        while !rest.isEmpty {
            lines.append(rest.prefix(64))
            rest = rest.dropFirst(64)
        }
        return "-----BEGIN \(label)-----\n" + lines.joined(separator: "\n") + "\n-----END \(label)-----\n"
    }
}
