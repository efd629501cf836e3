/// One request as the handlers see it: complete, screened, a plain value.
package struct Request: Sendable {
    /// Why a target is not one of ours.
    package enum Fault: Error, Hashable, Sendable {
        case target(offset: Int)
        case query(URLEncodedPairs.Fault)
    }

    /// The method.
    package let method: Method
    /// The target as sent: path and query.
    package let target: String
    /// The path as sent; it holds no percent sign, no `//` and no `..`.
    package let path: String
    /// The query, decoded, duplicates visible.
    package let query: URLEncodedPairs
    /// The header fields, names in lower case. `x-client-*` is left out on every entrance.
    package let fields: HeaderFields
    /// The body, empty when there is none.
    package let body: [UInt8]
    /// The number of this request.
    package let requestID: RequestID
    /// The socket's class.
    package let entrance: Entrance
    /// The client's address as the front saw it; nil without a front.
    package let clientAddress: String?
    /// The client certificate in PEM that the front verified; only on `.desk`, nil without one.
    package let clientCertificatePEM: String?

    /// A request. Tests call this too, and hand the value to `Router.answer`.
    ///
    /// Throws `target` when the path has an octet that routing does not take, `query` when it cannot be decoded.
    package init(
        _ method: Method,
        _ target: String,
        fields: HeaderFields = HeaderFields(),
        body: [UInt8] = [],
        entrance: Entrance = .public
    ) throws(Fault) {
        if let offset = Screen.targetFault(target) { throw .target(offset: offset) }
        let octets = Array(target.utf8)
        let question = octets.firstIndex(of: UInt8(ascii: "?")) ?? octets.count
        do { query = try URLEncodedPairs(octets.dropFirst(question + 1)) } catch { throw .query(error) }
        self.method = method
        self.target = target
        self.body = body
        self.entrance = entrance
        path = String(decoding: octets[..<question], as: UTF8.self)
        self.fields = fields.filter { !$0.hasPrefix("x-client-") }
        requestID = fields["x-request-id"].flatMap(RequestID.init) ?? RequestID()
        clientAddress = fields["x-forwarded-for"].flatMap { ClientAddress.isAddress($0) ? $0 : nil }
        clientCertificatePEM = entrance == .desk ? Self.certificate(in: fields) : nil
    }

    /// The pairs of a form body; a name that comes twice is refused unless it is `repeatable`.
    package func form(repeatable: Set<String> = []) throws(URLEncodedPairs.Fault) -> URLEncodedPairs {
        let type = fields["content-type"].map { $0.lowercased().filter { $0 != " " } }
        guard type == "application/x-www-form-urlencoded" || type == "application/x-www-form-urlencoded;charset=utf-8"
        else { throw .mediaType }
        return try URLEncodedPairs(body, repeatable: repeatable)
    }

    /// The cookies.
    package var cookies: Cookies { Cookies(fields) }

    /// The value of `authorization: <scheme> …` without the scheme; nil when absent or of another scheme.
    package func credentials(_ scheme: String) -> String? {
        guard let value = fields["authorization"], let space = value.firstIndex(of: " "),
            value[..<space].lowercased() == scheme.lowercased()
        else { return nil }
        return String(value[value.index(after: space)...])
    }

    private static func certificate(in fields: HeaderFields) -> String? {
        guard fields["x-client-verify"] == "SUCCESS", let escaped = fields["x-client-cert"],
            let octets = PercentEncoding.decode(escaped),
            let pem = String(validating: octets, as: UTF8.self), pem.hasPrefix("-----BEGIN CERTIFICATE-----")
        else { return nil }
        return pem
    }
}
