import Cards
import Identity

/// Called by libFuzzer with one input; a trap, a hang or a broken property is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    let text = String(decoding: input, as: UTF8.self)
    if let number = try? CardNumber(text), number.digits != text { fatalError("another number") }
    var entered = Particulars.Entered()
    let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    if parts.count > 3 {
        (entered.name, entered.documentType, entered.documentNumber, entered.district) = (
            parts[0], parts[1], parts[2], parts[3]
        )
    }
    if let today = try? BirthDate("20260101") { _ = try? Particulars(entered, today: today) }
    _ = try? PersonName(text)
    _ = try? PhoneNumber(entered: text)
    return 0
}
