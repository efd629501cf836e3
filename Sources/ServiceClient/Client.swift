/// A client of our own service over HTTPS, with or without a certificate of its own.
///
/// A value: copies share threads and kept connections, which end with the last copy. TLS is always verified, against the
/// given authority alone; proxies of the environment are not used; redirects are answers like others.
package struct Client: Sendable {
    /// A certificate and its key, both PEM files.
    package struct Certificate: Sendable, Hashable {
        /// The file of the certificate, with its chain.
        package let file: String
        /// The file of the private key.
        package let keyFile: String

        /// Names the two files.
        package init(file: String, keyFile: String) {
            self.file = file
            self.keyFile = keyFile
        }
    }

    /// Where the service is and how long to wait.
    package struct Settings: Sendable, Hashable {
        /// `https://host[:port]`, nothing behind it.
        package var address: String
        /// The authority's certificate, PEM; nil for those of the host.
        package var authorityFile: String?
        /// What the client shows of itself; nil for nothing.
        package var certificate: Certificate?
        /// A Unix socket in place of TCP, for tests; `http` is allowed with it.
        package var unixSocket: String?
        /// How long a connection may take.
        package var connectTimeout: Duration
        /// How long the whole answer may take; longer than a long poll's 25 s.
        package var timeout: Duration
        /// The largest body taken, in octets.
        package var answerLimit: Int
        /// How many requests may be under way at once.
        package var threads: Int

        /// Settings with the usual bounds.
        package init(
            address: String,
            authorityFile: String? = nil,
            certificate: Certificate? = nil,
            unixSocket: String? = nil,
            connectTimeout: Duration = .seconds(5),
            timeout: Duration = .seconds(40),
            answerLimit: Int = 8 << 20,
            threads: Int = 4
        ) {
            self.address = address
            self.authorityFile = authorityFile
            self.certificate = certificate
            self.unixSocket = unixSocket
            self.connectTimeout = connectTimeout
            self.timeout = timeout
            self.answerLimit = answerLimit
            self.threads = threads
        }
    }

    /// The settings in force.
    package let settings: Settings
    private let threads: TransferThreads

    /// A client. No connection is made yet. Throws `address`.
    package init(_ settings: Settings) throws(ClientFault) {
        let scheme = settings.unixSocket == nil ? "https://" : "http"
        let host = settings.address.firstRange(of: "://").map { settings.address[$0.upperBound...] } ?? ""
        let name = host.hasSuffix("/") ? host.dropLast() : host
        guard settings.address.hasPrefix(scheme), !name.isEmpty, name.utf8.allSatisfy(Self.isHostOctet)
        else { throw .address(settings.address) }
        var settings = settings
        if host.hasSuffix("/") { settings.address.removeLast() }
        self.settings = settings
        threads = TransferThreads(settings)
    }

    /// Sends one request and waits for the whole answer.
    ///
    /// A POST without `idempotency-key` goes over a fresh connection, because the library may send again what it
    /// wrote to a kept connection that broke. Cancelling the task returns at once with `cancelled`.
    package func send(
        _ method: String,
        _ path: String,
        fields: [String: String] = [:],
        body: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(ClientFault) -> ClientResponse {
        let isToken = method.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        guard isToken, !method.isEmpty else { throw .request(field: "method") }
        let isPath =
            path.hasPrefix("/") && path.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
        guard isPath else { throw .request(field: "path") }
        for (name, value) in fields {
            let isName = !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
            let isValue = value.utf8.allSatisfy { $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }
            guard isName, isValue else { throw .request(field: name) }
        }
        let transfer = Transfer(
            method: method,
            url: settings.address + path,
            fields: fields,
            body: body,
            timeout: timeout ?? settings.timeout,
            answerLimit: settings.answerLimit
        )
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if transfer.isAwaited(by: continuation) { threads.take(transfer) }
            }
        } onCancel: {
            transfer.settle(.failure(.cancelled))
        }
        return try result.get()
    }

    private static func isHostOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-.:[]".utf8.contains(octet)
        }
    }
}
