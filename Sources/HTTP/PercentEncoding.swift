/// The percent signs of RFC 3986, 2.1.
enum PercentEncoding {
    /// The octet that `%` and two digits stand for; nil when they are not two digits.
    static func octet(_ octets: ArraySlice<UInt8>, at percent: Int) -> UInt8? {
        guard percent + 2 < octets.endIndex, let high = digit(octets[percent + 1]), let low = digit(octets[percent + 2])
        else { return nil }
        return high << 4 | low
    }

    /// Decodes percent signs alone (no `+`), as the front encodes a certificate; nil on any slack.
    static func decode(_ text: String) -> [UInt8]? {
        let octets = Array(text.utf8)[...]
        var out: [UInt8] = []
        var index = 0
        while index < octets.endIndex {
            if octets[index] == UInt8(ascii: "%") {
                guard let octet = octet(octets, at: index) else { return nil }
                out.append(octet)
                index += 3
            } else {
                out.append(octets[index])
                index += 1
            }
        }
        return out
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
