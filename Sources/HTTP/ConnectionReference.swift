import CMicroHTTPD

/// A connection of the library, named by whoever may suspend and resume it.
///
/// Its owner is the library; the holder drops it when the connection is resumed for good or completed.
@safe struct ConnectionReference: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    /// Stops the library from touching the connection. Only from a callback of this connection.
    func suspend() { unsafe MHD_suspend_connection(pointer) }

    /// Lets the library go on. From any thread, once for each suspension.
    func resume() { unsafe MHD_resume_connection(pointer) }

    /// Hands an answer over. Only from the access callback of this connection.
    func queue(_ status: Int, _ response: OpaquePointer) -> Bool {
        unsafe MHD_queue_response(pointer, UInt32(status), response) == .YES
    }

    /// The header fields as they came, names in lower case.
    func fields() -> HeaderFields {
        var fields: [HeaderField] = []
        // The list lives for the call; the library's text is copied inside it.
        unsafe withUnsafeMutablePointer(to: &fields) { list in
            _ = unsafe MHD_get_connection_values_n(
                pointer,
                .HEADER_KIND,
                { cls, _, key, keySize, value, valueSize in
                    guard let list = unsafe cls?.assumingMemoryBound(to: [HeaderField].self) else { return .NO }
                    let name = unsafe ConnectionReference.text(key, keySize)
                    let value = unsafe ConnectionReference.text(value, valueSize)
                    unsafe list.pointee.append(HeaderField(name, value))
                    return .YES
                },
                list
            )
        }
        return HeaderFields(fields)
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        guard let start = unsafe start else { return "" }
        return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
