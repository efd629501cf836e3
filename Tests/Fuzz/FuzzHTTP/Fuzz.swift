import HTTP

/// Called by libFuzzer with one input; a trap, a hang or a broken property is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    _ = try? URLEncodedPairs(input)
    let text = String(decoding: input, as: UTF8.self)
    guard let request = try? Request(.get, text) else { return 0 }
    _ = request.cookies
    guard request.path.hasPrefix("/"), !request.path.contains("%"), !request.path.contains("..") else {
        fatalError("a path that routing must not see")
    }
    return 0
}
