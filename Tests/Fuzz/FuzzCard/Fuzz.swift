import CardSimulator
import Cryptography
import Octets

/// Called by libFuzzer with one input; a trap, a hang or a broken property is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    // Commands with a length octet before each, to one blank card: whatever comes, it answers with a status word.
    guard let image = try? CardImage(blank: ChipSerial(number: 1), lotMaster: Array(0x40...0x4F)) else { return 0 }
    var card = VirtualCard(image, random: SeededRandom(seed: 1, actor: "card"))
    var rest = input[...]
    while let length = rest.popFirst() {
        let command = Array(rest.prefix(Int(length)))
        rest = rest.dropFirst(Int(length))
        guard card.process(command).count >= 2 else { fatalError("an answer without a status word") }
    }
    return 0
}
