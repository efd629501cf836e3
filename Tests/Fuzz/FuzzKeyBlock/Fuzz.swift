import Encodings
import KeyHierarchy

/// Called by libFuzzer with one input; a trap, a hang or a broken property is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let block = try? KeyBlock(input) {
        guard block.encoded == input else { fatalError("not the same block") }
    }
    if let json = try? JSONReader.read(input, form: .policy, sizeLimit: 65_536) { _ = try? Hierarchy(json) }
    return 0
}
