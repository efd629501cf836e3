import Cryptography
import Encodings
import Octets
import Testing
import Tokens

@Suite("签名文本 compact signatures")
struct CompactSignatureTests {
    @Test
    func `a signed payload comes back, and nothing that was changed does`() throws {
        let key = try PrivateKey.generate(.p256)
        let text = try CompactSignature.sign(["a": 1], type: "t", by: key)
        #expect(try CompactSignature.verify(text, type: "t", key: key.publicKey) == ["a": 1])
        #expect(throws: CompactSignature.Fault.header("typ")) {
            try CompactSignature.verify(text, type: "u", key: key.publicKey)
        }
        let other = try PrivateKey.generate(.p256).publicKey
        #expect(throws: CompactSignature.Fault.signature) { try CompactSignature.verify(text, type: "t", key: other) }
        for offset in text.indices where text[offset] != "." {
            var altered = text
            altered.replaceSubrange(offset...offset, with: text[offset] == "A" ? "B" : "A")
            #expect(throws: CompactSignature.Fault.self) {
                try CompactSignature.verify(altered, type: "t", key: key.publicKey)
            }
        }
    }

    @Test(arguments: [
        "{\"alg\":\"none\",\"typ\":\"t\"}", "{\"alg\":\"HS256\",\"typ\":\"t\"}",
        "{\"alg\":\"ES256\",\"typ\":\"t\",\"jwk\":{}}",
    ])
    func `a header cannot choose the algorithm or bring a key`(header: String) throws {
        let key = try PrivateKey.generate(.p256)
        let signed = Base64.encode(Array(header.utf8), .url) + "." + Base64.encode(Array("{}".utf8), .url)
        let raw = try #require(SignatureForm.raw(fromDER: key.sign(Array(signed.utf8))))
        #expect(throws: CompactSignature.Fault.self) {
            try CompactSignature.verify(signed + "." + Base64.encode(raw, .url), type: "t", key: key.publicKey)
        }
    }
}
