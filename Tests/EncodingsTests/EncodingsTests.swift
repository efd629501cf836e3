import Encodings
import Octets
import Testing

@Suite("编码 strict encodings")
struct EncodingsTests {
    @Test(arguments: [
        "{\"a\":1,\"a\":2}", "{\"a\":1,}", "[1,]", "\u{FEFF}{}", "{\"a\":01}", "{} x", "{\"a\":\"\\ud800\"}", "nul",
        "{\"a\":-0}", "9007199254740993", "[1 2]", "\"\u{1}\"", "{a:1}", "'a'", "[1.]", "1e400", "// c\n1", "",
    ])
    func `every leniency of a lax reader is refused`(text: String) {
        #expect(throws: JSONReader.Fault.self) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test
    func `a fault names its place`() {
        let text = Array("{\"keys\":[{\"id\":1},{\"id\":2,\"id\":3}]}".utf8)
        let fault = #expect(throws: JSONReader.Fault.self) { try JSONReader.read(text) }
        #expect(fault?.reason == .duplicateName)
        #expect(fault?.offset == 30)
        #expect(fault?.pointer == "/keys/1/id")
    }

    @Test
    func `a policy file may carry comments and a trailing comma`() throws {
        let text = "// 依据\n{ \"a\": [1, 2,], /* b */ \"名\": \"值\\u4e2d\" }\n"
        let value = try JSONReader.read(Array(text.utf8), form: .policy)
        #expect(value["名"]?.string == "值中")
        #expect(value.text == "{\"a\":[1,2],\"名\":\"值中\"}")
    }

    @Test
    func `nesting is bounded`() {
        let text = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        #expect(throws: JSONReader.Fault.self) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test
    func `a TLV list re-encodes to the same octets and every cut is refused`() throws {
        let octets = try Hex.decode("6f15840e315041592e5359532e4444463031a503880101")
        let object = try BERTLV.one(octets)
        #expect(object.encoded == octets)
        #expect(try object.children().value(0x84).count == 14)
        for count in 1..<octets.count {
            #expect(throws: BERTLV.Fault.self) { try BERTLV.one(octets.prefix(count)) }
        }
        #expect(throws: BERTLV.Fault.self) { try BERTLV.one([0xC1, 0x81, 0x01, 0x00]) }
        #expect(throws: BERTLV.Fault.self) { try BERTLV.one(octets + [0x90]) }
    }

    @Test
    func `signature forms are one to one`() throws {
        let raw = [UInt8](repeating: 0, count: 31) + [0x80] + [UInt8](repeating: 0xFF, count: 32)
        let der = try #require(SignatureForm.der(fromRaw: raw))
        #expect(SignatureForm.raw(fromDER: der) == raw)
        #expect(SignatureForm.raw(fromDER: der + [0]) == nil)
    }
}
