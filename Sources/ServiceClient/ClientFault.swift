/// Why no answer came. Codes are those of libcurl, for the log; none holds an address or a body.
package enum ClientFault: Error, Hashable, Sendable {
    /// Name not found, connection refused or broken off.
    case unreachable(code: Int32)
    /// The other side is not who it should be, or does not take our certificate, or a file of ours is missing.
    case tls(code: Int32)
    /// No whole answer within the time given.
    case timeout
    /// The answer is larger than the client takes.
    case tooLarge(limit: Int)
    /// The answer is not HTTP.
    case notHTTP(code: Int32)
    /// The task that asked was cancelled; whether the service acted is unknown.
    case cancelled
    /// The address of the service is not `https://host[:port]` (`http` through a Unix socket).
    case address(String)
    /// Method, path or a header field holds an octet that it may not.
    case request(field: String)
}
