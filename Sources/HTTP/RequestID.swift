import Octets

/// The number of one request, 32 hexadecimal digits: the front makes it, the log and each problem document name it.
package struct RequestID: Sendable, Hashable, CustomStringConvertible {
    /// The digits, lower-case.
    package let text: String

    /// A number that the front gave; nil unless it is 32 hexadecimal digits.
    package init?(_ text: String) {
        guard text.utf8.count == 32, let octets = try? Hex.decode(text) else { return nil }
        self.text = Hex.encode(octets)
    }

    /// A fresh number for a request that came without one.
    package init() {
        var random = SystemRandomNumberGenerator()
        text = Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }

    /// The digits.
    package var description: String { text }
}
