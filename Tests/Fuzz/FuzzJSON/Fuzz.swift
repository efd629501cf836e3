import Encodings

/// Called by libFuzzer with one input; a trap, a hang or a broken property is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let value = try? JSONReader.read(input, sizeLimit: 65_536), !value.hasFraction {
        // What is read is written again to a text that reads as the same value.
        guard (try? JSONReader.read(value.encoded, sizeLimit: 1 << 20)) == value else {
            fatalError("not the same value")
        }
    }
    _ = try? JSONReader.read(input, form: .policy, sizeLimit: 65_536)
    return 0
}

extension JSON {
    /// Numbers with fractions are written in the shortest form, which may differ from the one read.
    fileprivate var hasFraction: Bool {
        switch self {
        case .fraction: true
        case .array(let items): items.contains(where: \.hasFraction)
        case .object(let members): members.contains(where: \.value.hasFraction)
        case .null, .bool, .integer, .string: false
        }
    }
}
