import Cryptography
import Encodings
import Evidence
import Octets
import Testing

@Suite("回执 receipts")
struct ReceiptTests {
    private static let first =
        #"{"act":"key.state","actor":"o:ceremony-demo","at":1784700000000,"from":"pre-active","key":"evidence.log#1","object":"evidence.log#1","outcome":"done","policy":"demo-1","to":"active","tx":"00000000000000000000000000000001","v":1}"#
    private static let second =
        #"{"act":"card.activate","actor":"d:9f2c","at":1784700000123,"commit":"s256:DgzMRMKVTv3KEEMggDcT31M8q0EHYTbtzmTz6sxy-HA","from":"personalised","key":"card.app.A000000632010105.maintain#1","object":"c:4b1d7e","outcome":"done","policy":"demo-1","to":"active","tx":"00000000000000000000000000000002","v":1}"#
    private static let third =
        #"{"act":"seal.use","actor":"s:77aa","at":1784700000456,"commit":"s256:_xZZO4L9uLOaWCXNkJm4lWYcjQ2L9OqS454rvjNiRZI","key":"seal.org.demo#3","object":"l:c0ffee","outcome":"done","policy":"demo-1","tx":"00000000000000000000000000000003","v":1}"#
    private static let entries = [first, second, third].map { Array($0.utf8) }

    private static let example = """
        c2sp.org/tlog-proof@v1
        index 1
        0VTyfkDxrA70s53rtHgICa1jGqttq3zMRhPjoDhQiUo=
        e0UQzsYMOBSX3qjALx5aoZ5qbc70Fw1VmjUXtXx78Ck=

        citizen.example/evidence/demo
        3
        ESc+yhQV0ERHYGIJPEp9+x81P+Q1jlmTI09o41oo1FA=

        — citizen.example/evidence/demo M1xbXdo9f/rj21FOGx64hxO5nyEFclH4nS822aAUu7K5qUq6JoGPyPnh54+kXNwse9pgVRkbnR59aZMVubXvQu5MMQ8=
        — witness.example/audit-office ObUl+AAAAABqYFycKfHgJBJNxUGsWASkV8GWJYG2nrTFSi5Ctw7XweEn29s1TOeQISrQ+SYSdHfLWqLgZvwe9ykCR7qqh8mnsAC0DQ==

        """

    private static func key(_ name: String, seed: ClosedRange<UInt8>, _ kind: VerifierKey.Kind) throws -> VerifierKey {
        let key = try PrivateKey(ed25519Seed: SecretOctets(copying: Array(seed)))
        return try VerifierKey(name: name, kind: kind, key: try #require(key.publicKey.ed25519))
    }

    private let log: VerifierKey
    private let witness: VerifierKey

    init() throws {
        log = try Self.key("citizen.example/evidence/demo", seed: 0x00...0x1F, .ed25519)
        witness = try Self.key("witness.example/audit-office", seed: 0x20...0x3F, .cosignature)
    }

    private func isAccepted(_ octets: [UInt8], witnesses: Int = 1) -> Bool {
        guard let receipt = try? Receipt(octets) else { return false }
        let verdict = receipt.verdict(
            entry: receipt.extra == nil ? Self.entries[1] : nil,
            keys: [log],
            witnesses: [witness],
            witnessesNeeded: witnesses
        )
        if case .accepted(let entry) = verdict { return entry == Self.entries[1] }
        return false
    }

    @Test
    func `the complete example is made byte for byte`() throws {
        let octets = Array(Self.example.utf8)
        #expect(octets.count == 465)
        #expect(
            Hex.encode(Digest.sha256.hash(octets)) == "3e8c3420d41e0132378769f11c34f13b7cd86596e1afa089d6de66e43af43bef"
        )
        #expect(Self.entries.map(\.count) == [228, 301, 239])
        #expect(isAccepted(octets))
        let hash = TreeHash(.sha256)
        var tree = TreeState(hash)
        _ = tree.append(entries: Self.entries)
        let checkpoint = Checkpoint(origin: log.name, size: 3, root: tree.root)
        let seed = SecretOctets(copying: Array(UInt8(0)...0x1F))
        let signature = try PrivateKey(ed25519Seed: seed).sign(Array(checkpoint.text.utf8))
        let plan = try #require(ProofPlan(inclusion: 1, size: 3))
        let tile = try #require(Tile(level: 0, number: 0, width: 3))
        let made = try Receipt(
            index: 1,
            path: try #require(plan.path([tile: tree.edge[0]], hash)),
            note: SignedNote(
                text: checkpoint.text,
                signatures: [.init(by: log, signature), try #require(try Receipt(octets).note.signatures.last)]
            )
        )
        #expect(made.encoded == octets)
        #expect(try EntryBundle.encode(Self.entries).prefix(6).elementsEqual([0x00, 0xE4, 0x7B, 0x22, 0x61, 0x63]))
    }

    @Test
    func `every flipped bit of a receipt is refused`() throws {
        let octets = Array(Self.example.utf8)
        for offset in octets.indices {
            for bit in 0..<8 {
                var flipped = octets
                flipped[offset] ^= 1 << bit
                #expect(!isAccepted(flipped), "octet \(offset) bit \(bit)")
            }
        }
    }

    @Test
    func `every flipped bit of a receipt that carries its entry is refused`() throws {
        let plain = try Receipt(Array(Self.example.utf8))
        let note = SignedNote(text: plain.note.text, signatures: [plain.note.signatures[0]])
        let octets = try Receipt(extra: Self.entries[1], index: 1, path: plain.path, note: note).encoded
        #expect(isAccepted(octets, witnesses: 0))
        for offset in octets.indices {
            for bit in 0..<8 {
                var flipped = octets
                flipped[offset] ^= 1 << bit
                #expect(!isAccepted(flipped, witnesses: 0), "octet \(offset) bit \(bit)")
            }
        }
    }

    @Test
    func `a receipt cut at any octet, or with one more, is no receipt`() throws {
        let octets = Array(Self.example.utf8)
        // Cut after the first signature line it is a receipt still, of a note that nobody has witnessed.
        for cut in 0..<octets.count { #expect(!isAccepted(Array(octets.prefix(cut)))) }
        #expect(!isAccepted(octets + [0x0A]))
        #expect(try Receipt(octets).encoded == octets)
    }

    @Test
    func `what is missing is undecided, what is wrong is refused`() throws {
        let receipt = try Receipt(Array(Self.example.utf8))
        #expect(receipt.verdict(entry: Self.entries[1], keys: []) == .undecided(.trust))
        #expect(receipt.verdict(keys: [log]) == .undecided(.entry))
        #expect(receipt.verdict(entry: Self.entries[0], keys: [log]) == .refused(.inclusion))
        let other = try VerifierKey(name: log.name, key: witness.key)
        #expect(receipt.verdict(entry: Self.entries[1], keys: [other]) == .refused(.unknownKey))
        let foreign = Array(Self.example.replacing("c2sp.org/tlog-proof@v1", with: "citizen/tlog-proof-sm3@v1").utf8)
        #expect(try Receipt(foreign).verdict(entry: Self.entries[1], keys: [log]) == .refused(.inclusion))
    }

    @Test
    func `commitments agree with the vectors of both hashes`() {
        let detail: JSON = ["cardNumber": "3206000012345678", "kind": "resident"]
        let key = Array(UInt8(0)...0x1F)
        #expect(
            Commitment.text(.sha256, key: key, act: "card.activate", detail: detail)
                == "s256:DgzMRMKVTv3KEEMggDcT31M8q0EHYTbtzmTz6sxy-HA"
        )
        #expect(
            Commitment.text(.sm3, key: key, act: "card.activate", detail: detail)
                == "sm3:moFLqPdcgDSjODAVDTM1TJAEt8dJiTRaMUWB6gkVpNs"
        )
    }

    @Test
    func `the key id of the national key form is the published one`() throws {
        let point = try Hex.decode(
            "04"
                + "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
                + "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
        )
        let id = VerifierKey.keyID(
            name: "citizen.example/evidence/demo/sm3",
            kind: [0xFF] + Array("citizen-sm2-sm3/v1".utf8),
            key: point
        )
        #expect(Hex.encode(id) == "ae0dd063")
    }
}
