import Glibc

/// 国标编码 Text in GB 18030, decoded by the C library's iconv. One decoder serves one thread.
@safe package final class GB18030 {
    // Made in init, closed in deinit, used by the one owner between the two.
    private let descriptor: iconv_t

    /// Nil when the C library has no such conversion (`locales` of the system are stripped).
    package init?() {
        // iconv_open tells failure by (iconv_t) -1.
        guard let opened = unsafe iconv_open("UTF-8", "GB18030"), Int(bitPattern: opened) != -1 else {
            return nil
        }
        unsafe descriptor = opened
    }

    deinit { unsafe iconv_close(descriptor) }

    /// The text, or nil when the octets are no GB 18030. Never substitutes.
    package func decode(_ octets: [UInt8]) -> String? {
        guard octets.contains(where: { $0 >= 0x80 }) else { return String(decoding: octets, as: UTF8.self) }
        var input = octets.map { CChar(bitPattern: $0) }
        // Two octets become three at most, four become four.
        var output = [CChar](repeating: 0, count: octets.count * 2)
        var left = input.count
        var room = output.count
        let done = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                var from = source.baseAddress
                var into = target.baseAddress
                return unsafe iconv(descriptor, &from, &left, &into, &room)
            }
        }
        // Back to the first state, also after a fault.
        unsafe iconv(descriptor, nil, nil, nil, nil)
        guard done == 0, left == 0 else { return nil }
        return String(decoding: output.prefix(output.count - room).lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
