/// One answer of the service.
package struct ClientResponse: Sendable, Hashable {
    /// One header field, its name in lower case.
    package struct Field: Sendable, Hashable {
        /// The name in lower case.
        package let name: String
        /// The value without surrounding white space.
        package let value: String
    }

    /// The status.
    package let status: Int
    /// The header fields in order.
    package let fields: [Field]
    /// The body.
    package let body: [UInt8]
    /// Whether a connection was made for it; otherwise a kept one served.
    package let madeConnection: Bool

    /// The first value of a field; the name in lower case.
    package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Whether the status is 200 to 299.
    package var isSuccess: Bool { (200..<300).contains(status) }
}
