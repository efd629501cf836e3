import Octets
import Testing

@Suite("八位组 octets")
struct OctetsTests {
    @Test
    func `hexadecimal goes there and back, and slack is named with its offset`() throws {
        #expect(Hex.encode([0x00, 0xAB]) == "00ab")
        #expect(try Hex.decode("00aB") == [0x00, 0xAB])
        #expect(throws: Hex.Fault.oddLength(3)) { try Hex.decode("00a") }
        #expect(throws: Hex.Fault.notADigit(offset: 2)) { try Hex.decode("00g0") }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy"),
    ])
    func `base64url of RFC 4648 clause 10, both ways`(plain: String, text: String) throws {
        #expect(Base64.encode(Array(plain.utf8), .url) == text)
        #expect(try Base64.decode(text, .url) == Array(plain.utf8))
    }

    @Test(arguments: ["Zg==", "Zh", "Zm9v\n", "Zm9v=", "+_", "Z"])
    func `base64url with slack is refused`(text: String) {
        #expect(throws: (any Error).self) { try Base64.decode(text, .url) }
    }

    @Test(arguments: ["Zg", "Zg=", "Zh==", "Zm9vZg===", "Zm9v\n", "Z_=="])
    func `base64 with slack is refused`(text: String) {
        #expect(throws: (any Error).self) { try Base64.decode(text) }
    }

    @Test
    func `a cursor never reads past the end and names the field`() throws {
        var cursor = ByteCursor([1, 2, 3])
        #expect(try cursor.uint16("length") == 0x0102)
        #expect(throws: ByteCursor.Fault.truncated(field: "tag", offset: 2)) { try cursor.uint16("tag") }
        #expect(throws: ByteCursor.Fault.leftOver(offset: 2)) { try cursor.finish() }
        #expect(cursor.rest() == [3])
        try cursor.finish()
    }

    @Test
    func `a secret is wiped from the array that brought it and compares by value`() {
        var clear: [UInt8] = [1, 2, 3]
        let secret = SecretOctets(wiping: &clear)
        #expect(clear == [0, 0, 0])
        let verdicts = [secret.equals([1, 2, 3]), secret.equals([1, 2, 4]), secret.equals([1, 2])]
        #expect(verdicts == [true, false, false])
    }
}
