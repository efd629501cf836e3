/// A cookie for the browser to keep: always Secure, HttpOnly and for the whole host (`Path=/`).
package struct SetCookie: Sendable, Hashable {
    /// Whether the browser sends the cookie when another site leads here (RFC 6265bis).
    package enum SameSite: String, Sendable { case strict = "Strict", lax = "Lax", none = "None" }

    /// The name; `__Host-` in front makes the browser insist on the attributes.
    package let name: String
    /// The value, cookie octets only.
    package let value: String
    /// Whether other sites may carry it here.
    package let sameSite: SameSite
    /// How long the browser keeps it; nil until it is closed, 0 forgets it now.
    package let maxAgeSeconds: Int?

    /// A cookie; nil when name or value hold an octet that a cookie may not.
    package init?(_ name: String, _ value: String, sameSite: SameSite = .lax, maxAgeSeconds: Int? = nil) {
        guard !name.isEmpty, name.utf8.allSatisfy(Screen.isTokenOctet), value.utf8.allSatisfy(Self.isCookieOctet)
        else { return nil }
        self.name = name
        self.value = value
        self.sameSite = sameSite
        self.maxAgeSeconds = maxAgeSeconds
    }

    /// The value of the `set-cookie` field.
    package var fieldValue: String {
        let age = maxAgeSeconds.map { "; Max-Age=\($0)" } ?? ""
        return "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=\(sameSite.rawValue)\(age)"
    }

    /// RFC 6265, 4.1.1: no control, white space, quote, comma, semicolon, backslash.
    static func isCookieOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}
