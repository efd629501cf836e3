import CMicroHTTPD

/// Answers on their way into the library.
enum Outgoing {
    /// Why an answer cannot be sent as the handler made it.
    enum Fault: Error {
        case fields
    }

    /// What each answer has unless its handler said otherwise.
    private static let standing: [HeaderField] = [
        HeaderField("cache-control", "no-store"),
        HeaderField("x-content-type-options", "nosniff"),
    ]

    private static let reserved: Set<String> = ["content-length", "transfer-encoding", "date"]
    private static let streamBlock = 4_096

    /// Whether status and fields are such that no field can break out of its line.
    static func isSendable(_ response: Response) -> Bool {
        (200...599).contains(response.status)
            && response.fields.all.allSatisfy { field in
                !field.name.isEmpty && field.name.utf8.allSatisfy(Screen.isTokenOctet)
                    && !reserved.contains(field.name)
                    && field.value.utf8.allSatisfy { Screen.isValueOctet($0) && $0 < 0x80 }
            }
    }

    /// Hands an answer to the library. `closed` is called when a stream's connection is gone, and also when queueing
    /// fails.
    static func queue(
        _ response: Response,
        _ id: RequestID,
        _ connection: ConnectionReference,
        closed: @escaping @Sendable (EventStream) -> Void
    ) -> Bool {
        guard let made = unsafe make(response.body, closed: closed) else { return false }
        defer { unsafe MHD_destroy_response(made) }
        var fields = response.fields
        for field in standing where fields[field.name] == nil { fields.append(field.name, field.value) }
        fields.set("x-request-id", id.text)
        for field in fields.all {
            guard unsafe MHD_add_response_header(made, field.name, field.value) == .YES else { return false }
        }
        return unsafe connection.queue(response.status, made)
    }

    private static func make(
        _ body: Response.Body,
        closed: @escaping @Sendable (EventStream) -> Void
    ) -> OpaquePointer? {
        switch body {
        case .octets(let octets):
            var octets = octets
            // The library copies: MUST_COPY.
            return unsafe octets.withUnsafeMutableBytes { bytes in
                unsafe MHD_create_response_from_buffer(bytes.count, bytes.baseAddress, .RESPMEM_MUST_COPY)
            }
        case .events(let stream):
            // The library owns this reference until it calls the last closure.
            let reference = unsafe Unmanaged.passRetained(Open(stream: stream, closed: closed)).toOpaque()
            return unsafe MHD_create_response_from_callback(
                cmhd_size_unknown(),
                streamBlock,
                { reference, _, buffer, limit in
                    guard let reference = unsafe reference, let buffer = unsafe buffer else {
                        return cmhd_end_of_stream()
                    }
                    let open = unsafe Unmanaged<Open>.fromOpaque(reference).takeUnretainedValue()
                    return unsafe open.stream.read(into: buffer, upTo: limit)
                },
                reference,
                { reference in
                    guard let reference = unsafe reference else { return }
                    let open = unsafe Unmanaged<Open>.fromOpaque(reference).takeRetainedValue()
                    open.stream.detach()
                    open.closed(open.stream)
                }
            )
        }
    }

    /// A stream that the library holds.
    private final class Open: Sendable {
        let stream: EventStream
        let closed: @Sendable (EventStream) -> Void

        init(stream: EventStream, closed: @escaping @Sendable (EventStream) -> Void) {
            self.stream = stream
            self.closed = closed
        }
    }
}
