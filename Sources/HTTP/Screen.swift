/// The second line behind the front: cheap checks of a request head, each named by what it demands.
///
/// The library below takes heads that the front refuses (two lengths, percent signs in paths, controls in values);
/// if one arrives here the front is missing or wrong, and the request is refused before its body is read.
enum Screen {
    /// A head as it came.
    struct Head: Sendable {
        var method: String
        var target: String
        var version: String
        var fields: HeaderFields
    }

    /// Fields that come once at most; two of them are two readers' disagreement.
    private static let single: Set<String> = [
        "host", "content-length", "transfer-encoding", "content-type", "authorization", "x-client-verify",
        "x-client-cert", "x-request-id", "x-forwarded-for", "idempotency-key", "dpop",
    ]

    /// The status to refuse with; nil when the head may pass.
    static func refusal(of head: Head) -> Int? {
        guard Method(rawValue: head.method) != nil else { return 405 }
        guard targetFault(head.target) == nil else { return 400 }
        guard fieldsAreClean(head.fields), singlesAreSingle(head.fields) else { return 400 }
        return framingRefusal(of: head)
    }

    /// The offset of the first octet of a target that routing does not take; nil when all are fine.
    static func targetFault(_ target: String) -> Int? {
        let octets = Array(target.utf8)
        guard octets.first == UInt8(ascii: "/") else { return 0 }
        let question = octets.firstIndex(of: UInt8(ascii: "?")) ?? octets.count
        for offset in octets.indices {
            guard (0x21...0x7E).contains(octets[offset]), octets[offset] != UInt8(ascii: "#") else { return offset }
            guard offset < question else { continue }
            guard isPathOctet(octets[offset]) else { return offset }
            guard offset > 0 else { continue }
            let pair = (octets[offset - 1], octets[offset])
            if pair == (UInt8(ascii: "/"), UInt8(ascii: "/")) || pair == (UInt8(ascii: "."), UInt8(ascii: ".")) {
                return offset
            }
        }
        return nil
    }

    /// Whether an octet may stand in a token (RFC 9110, 5.6.2).
    static func isTokenOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(octet)
        }
    }

    /// Whether an octet may stand in a field value: visible, space or tab; above 0x7F only in what comes in.
    static func isValueOctet(_ octet: UInt8) -> Bool { octet == 0x09 || octet >= 0x20 && octet != 0x7F }

    private static func isPathOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "/-._~".utf8.contains(octet)
        }
    }

    private static func fieldsAreClean(_ fields: HeaderFields) -> Bool {
        fields.all.allSatisfy { field in
            !field.name.isEmpty && field.name.utf8.allSatisfy(isTokenOctet) && field.value.utf8.allSatisfy(isValueOctet)
        }
    }

    private static func singlesAreSingle(_ fields: HeaderFields) -> Bool {
        var seen: Set<String> = []
        return fields.all.allSatisfy { !single.contains($0.name) || seen.insert($0.name).inserted }
    }

    /// One way to say how long the body is, and one we understand (RFC 9112, 6.3).
    private static func framingRefusal(of head: Head) -> Int? {
        let length = head.fields["content-length"]
        let coding = head.fields["transfer-encoding"]
        if length != nil, coding != nil { return 400 }
        if let coding {
            guard head.version == "HTTP/1.1" else { return 400 }
            guard coding.lowercased() == "chunked" else { return 501 }
        }
        if let length {
            let isNumber = length.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber, (1...18).contains(length.utf8.count) else { return 400 }
        }
        if let expected = head.fields["expect"], expected.lowercased() != "100-continue" { return 417 }
        return nil
    }
}
