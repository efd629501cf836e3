/// Where a request came in. Known from the socket that took it, never from a header.
package enum Entrance: String, Sendable, Hashable, CaseIterable {
    /// Behind the public side of the front.
    case `public`
    /// Behind the mutual-TLS side of the front: desk agents 窗口代理 and clients with a certificate.
    case desk
    /// On this host alone, never behind the front: metrics.
    case `private`
}
