import CardEngine
import Encodings

/// Called by libFuzzer with one input; a trap, a hang or a broken property is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let command = try? CommandAPDU(input) {
        guard (try? CommandAPDU(command.encoded)) == command else { fatalError("not the same command") }
    }
    _ = ResponseAPDU(input)
    guard let json = try? JSONReader.read(input, sizeLimit: 65_536) else { return 0 }
    if let batch = try? RelayBatch(json) {
        guard (try? RelayBatch(batch.json)) == batch else { fatalError("not the same batch") }
    }
    if let result = try? RelayResult(json) {
        guard (try? RelayResult(result.json)) == result else { fatalError("not the same result") }
    }
    return 0
}
