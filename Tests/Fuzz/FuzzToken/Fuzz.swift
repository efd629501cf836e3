import Cryptography
import Tokens

/// Called by libFuzzer with one input; a trap, a hang or a broken property is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let key = Judge.key else { return 0 }
    let text = String(decoding: input, as: UTF8.self)
    if (try? CompactSignature.verify(text, type: "cc-perso-batch", key: key)) != nil {
        fatalError("a forged text was taken")
    }
    _ = try? Certificate(der: input)
    _ = try? Certificate(pem: text)
    _ = try? PublicKey(spki: input)
    return 0
}

/// A key that signed nothing: whatever verifies under it is forged.
private enum Judge {
    static let key = (try? PrivateKey.generate(.p256))?.publicKey
}
