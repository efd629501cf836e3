import Encodings

/// Called by libFuzzer with one input; a trap, a hang or a broken property is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let list = try? BERTLV.list(input) {
        guard list.flatMap(\.encoded) == input else { fatalError("not the same octets") }
        for object in list { _ = try? object.children() }
    }
    if let raw = SignatureForm.raw(fromDER: input) {
        guard SignatureForm.der(fromRaw: raw) == input else { fatalError("two encodings of one signature") }
    }
    return 0
}
