import CCurl

/// One handle of libcurl with its kept connections, used by one thread alone.
@safe final class CurlLine {
    // Made in `init`, freed in `deinit`; nil when the library could not start.
    private let handle: UnsafeMutableRawPointer?
    private let settings: Client.Settings

    /// The library's own start, once a process.
    private static let hasStarted = ccurl_start() == CURLE_OK

    /// What an answer grows in while the library reads it.
    private final class Incoming {
        let transfer: Transfer
        var body: [UInt8] = []
        var fields: [ClientResponse.Field] = []
        var fieldOctets = 0
        var isTooLarge = false

        init(_ transfer: Transfer) { self.transfer = transfer }
    }

    private static let headLimit = 64 << 10

    init(_ settings: Client.Settings) {
        self.settings = settings
        unsafe handle = Self.hasStarted ? curl_easy_init() : nil
    }

    deinit { unsafe curl_easy_cleanup(handle) }

    /// Sends a request and reads its answer; blocks.
    func carry(_ transfer: Transfer) -> Transfer.Outcome {
        guard let handle = unsafe handle else { return .failure(.unreachable(code: Int32(CURLE_FAILED_INIT.rawValue))) }
        unsafe curl_easy_reset(handle)
        let incoming = Incoming(transfer)
        var list: UnsafeMutablePointer<curl_slist>?
        for line in Self.lines(transfer) { unsafe list = curl_slist_append(list, line) }
        defer { unsafe curl_slist_free_all(list) }
        var codes = unsafe standing(handle) + outgoing(handle, transfer)
        unsafe codes.append(ccurl_set_fields(handle, list))
        unsafe codes += Self.callbacks(handle, Unmanaged.passUnretained(incoming).toOpaque())
        if let failed = codes.first(where: { $0 != CURLE_OK }) { return .failure(Self.fault(failed)) }
        // The body is lent for the whole transfer; the library reads it, and copies nothing.
        let code = unsafe transfer.body.withUnsafeBytes { octets in
            if unsafe !octets.isEmpty || ["POST", "PUT"].contains(transfer.method) {
                // An empty body is a pointer too, else the library would ask a read callback.
                let start = unsafe octets.baseAddress ?? UnsafeRawPointer(handle)
                let set = unsafe ccurl_set_octets(handle, start, curl_off_t(octets.count))
                guard set == CURLE_OK else { return set }
                // After the body's option, which makes the method POST.
                let named = unsafe ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, transfer.method)
                guard named == CURLE_OK else { return named }
            }
            return unsafe curl_easy_perform(handle)
        }
        // The callbacks hold the object unretained.
        return withExtendedLifetime(incoming) {
            guard !incoming.isTooLarge, code != CURLE_FILESIZE_EXCEEDED else {
                return .failure(.tooLarge(limit: transfer.answerLimit))
            }
            guard code == CURLE_OK else { return .failure(Self.fault(code)) }
            let status = unsafe Int(ccurl_status(handle))
            let madeConnection = unsafe ccurl_new_connections(handle) > 0
            return .success(
                ClientResponse(
                    status: status,
                    fields: incoming.fields,
                    body: incoming.body,
                    madeConnection: madeConnection
                )
            )
        }
    }

    /// What holds for every request of this client.
    private func standing(_ handle: UnsafeMutableRawPointer) -> [CURLcode] {
        let scheme = settings.unixSocket == nil ? "https" : "http,https"
        var codes = unsafe [
            ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, scheme),
            ccurl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            ccurl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_3)),
            ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1),
            ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2),
            ccurl_set_string(handle, CURLOPT_PROXY, ""),
            ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
            ccurl_set_long(handle, CURLOPT_PATH_AS_IS, 1),
            ccurl_set_long(handle, CURLOPT_NOPROGRESS, 0),
            ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(settings.connectTimeout)),
        ]
        if let file = settings.authorityFile {
            // This authority alone: the host's folder of authorities is switched off.
            unsafe codes.append(ccurl_set_string(handle, CURLOPT_CAINFO, file))
            unsafe codes.append(ccurl_set_string(handle, CURLOPT_CAPATH, nil))
        }
        if let certificate = settings.certificate {
            unsafe codes.append(ccurl_set_string(handle, CURLOPT_SSLCERT, certificate.file))
            unsafe codes.append(ccurl_set_string(handle, CURLOPT_SSLKEY, certificate.keyFile))
        }
        if let path = settings.unixSocket {
            unsafe codes.append(ccurl_set_string(handle, CURLOPT_UNIX_SOCKET_PATH, path))
        }
        return codes
    }

    private func outgoing(_ handle: UnsafeMutableRawPointer, _ transfer: Transfer) -> [CURLcode] {
        unsafe [
            ccurl_set_string(handle, CURLOPT_URL, transfer.url),
            ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, transfer.method),
            ccurl_set_long(handle, CURLOPT_NOBODY, transfer.method == "HEAD" ? 1 : 0),
            ccurl_set_long(handle, CURLOPT_FRESH_CONNECT, transfer.isRepeatable ? 0 : 1),
            ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, Self.milliseconds(transfer.timeout)),
            ccurl_set_offset(handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(transfer.answerLimit)),
        ]
    }

    private static func callbacks(_ handle: UnsafeMutableRawPointer, _ cls: UnsafeMutableRawPointer) -> [CURLcode] {
        unsafe [
            ccurl_set_write(
                handle,
                { octets, size, count, cls in
                    guard let octets = unsafe octets, let incoming = unsafe CurlLine.incoming(cls) else { return 0 }
                    guard incoming.body.count + size * count <= incoming.transfer.answerLimit else {
                        incoming.isTooLarge = true
                        return 0
                    }
                    unsafe incoming.body.append(contentsOf: UnsafeRawBufferPointer(start: octets, count: size * count))
                    return size * count
                },
                cls
            ),
            ccurl_set_header(
                handle,
                { octets, size, count, cls in
                    guard let octets = unsafe octets, let incoming = unsafe CurlLine.incoming(cls) else { return 0 }
                    incoming.fieldOctets += size * count
                    guard incoming.fieldOctets <= CurlLine.headLimit else {
                        incoming.isTooLarge = true
                        return 0
                    }
                    let line = unsafe UnsafeRawBufferPointer(start: octets, count: size * count)
                    unsafe CurlLine.take(String(decoding: line, as: UTF8.self), into: incoming)
                    return size * count
                },
                cls
            ),
            ccurl_set_progress(
                handle,
                { cls, _, _, _, _ in unsafe CurlLine.incoming(cls)?.transfer.isSettled == false ? 0 : 1 },
                cls
            ),
        ]
    }

    private static func incoming(_ cls: UnsafeMutableRawPointer?) -> Incoming? {
        guard let cls = unsafe cls else { return nil }
        return unsafe Unmanaged<Incoming>.fromOpaque(cls).takeUnretainedValue()
    }

    /// One line of the head; the head of an interim answer is dropped when the next begins.
    private static func take(_ line: String, into incoming: Incoming) {
        if line.hasPrefix("HTTP/") {
            incoming.fields = []
            return
        }
        guard let colon = line.firstIndex(of: ":") else { return }
        let isSpace = { (character: Character) in character.isWhitespace }
        let value = line[line.index(after: colon)...].drop(while: isSpace)
        let trimmed = String(String(value.reversed().drop(while: isSpace)).reversed())
        incoming.fields.append(ClientResponse.Field(name: line[..<colon].lowercased(), value: trimmed))
    }

    /// Header lines as the library wants them: `Name;` sends an empty value, `Expect:` sends none of its own.
    private static func lines(_ transfer: Transfer) -> [String] {
        let fields = transfer.fields.sorted { $0.key < $1.key }
        let own = fields.map { $0.value.isEmpty ? "\($0.key);" : "\($0.key): \($0.value)" }
        let hasType = fields.contains { $0.key.lowercased() == "content-type" }
        return own + ["Expect:"] + (hasType ? [] : ["Content-Type:"])
    }

    private static func milliseconds(_ duration: Duration) -> Int { max(1, Int(duration / .milliseconds(1))) }

    private static func fault(_ code: CURLcode) -> ClientFault {
        let number = Int32(code.rawValue)
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return .timeout
        case CURLE_ABORTED_BY_CALLBACK: return .cancelled
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_USE_SSL_FAILED:
            return .tls(code: number)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2:
            return .notHTTP(code: number)
        default: return .unreachable(code: number)
        }
    }
}
