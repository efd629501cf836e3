import Foundation
import Testing

@testable import CardSimulator

@Suite(
    "真实读卡栈 the card behind pcscd, driven by tools of other makers",
    .enabled(if: ReaderDesk.obstacle == nil, "not here: \(ReaderDesk.obstacle ?? "")"),
    .serialized
)
struct ReaderTests {
    @Test(arguments: ["blank", "piv"])
    func `OpenSC and yubico-piv-tool drive a blank`(profile: String) throws {
        let desk = try ReaderDesk(profile: profile)
        #expect(try desk.inside("opensc-tool", "-l").contains("Desk 0 00 00"))
        let reset =
            profile == "blank" ? "3b:89:80:01:80:73:de:21:80:53:43:43:31:e6" : "3b:88:80:01:50:49:56:20:43:41:52:44:72"
        #expect(try desk.inside("opensc-tool", "-r", "0", "-a").contains(reset))

        try desk.inside("yubico-piv-tool", "-r", "Desk", "-a", "set-chuid", "-a", "set-ccc")
        try desk.inside(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-subj",
            "/CN=CA"
        )
        for slot in ["9a", "9c"] {
            try desk.inside(
                "yubico-piv-tool",
                "-r",
                "Desk",
                "-a",
                "generate",
                "-s",
                slot,
                "-A",
                "ECCP256",
                "-o",
                "\(slot).pub"
            )
            try desk.inside(
                "openssl",
                "x509",
                "-new",
                "-force_pubkey",
                "\(slot).pub",
                "-subj",
                "/CN=\(slot)",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-out",
                "\(slot).pem"
            )
            try desk.inside(
                "yubico-piv-tool",
                "-r",
                "Desk",
                "-a",
                "import-certificate",
                "-s",
                slot,
                "-i",
                "\(slot).pem"
            )
        }
        try desk.inside("yubico-piv-tool", "-r", "Desk", "-a", "verify-pin", "-P", "123456")
        #expect(throws: ReaderDesk.Failure.self) {
            try desk.inside("yubico-piv-tool", "-r", "Desk", "-a", "verify-pin", "-P", "654321")
        }
        try desk.inside("yubico-piv-tool", "-r", "Desk", "-a", "change-pin", "-P", "123456", "-N", "135790")

        let listing = try desk.inside("pkcs15-tool", "--reader", "0", "-D")
        #expect(listing.contains("PIV AUTH key") && listing.contains("SIGN key"))
        #expect(listing.contains("Certificate for PIV Authentication"))
        try Data("市民卡".utf8).write(to: desk.folder.appendingPathComponent("text"))
        for (slot, identifier) in [("9a", "01"), ("9c", "02")] {
            try desk.inside(
                "pkcs11-tool",
                "--slot-index",
                "0",
                "-l",
                "--pin",
                "135790",
                "-s",
                "--id",
                identifier,
                "-m",
                "ECDSA-SHA256",
                "-f",
                "openssl",
                "-i",
                "text",
                "-o",
                "text.sig"
            )
            let verdict = try desk.inside(
                "openssl",
                "dgst",
                "-sha256",
                "-verify",
                "\(slot).pub",
                "-signature",
                "text.sig",
                "text"
            )
            #expect(verdict.contains("Verified OK"))
        }
    }

    /// The session counter in the card's state file.
    private static func sequence(_ desk: ReaderDesk) throws -> UInt32? {
        let path = desk.folder.appendingPathComponent("card.json").path
        return try CardStore(path: path).load()?.keySets.first?.sequence
    }

    @Test
    func `a cut card is gone until it is inserted again, with the state it had committed`() throws {
        let desk = try ReaderDesk()
        let initialize = "8050FF0008010203040506070800"
        #expect(try desk.transmit(initialize).contains("90 00 : Normal processing"))
        #expect(try desk.control("fault cut-after:1") == "ok")
        let torn = try? desk.transmit(initialize)
        #expect(torn?.contains("90 00") != true)
        #expect(try desk.control("stats").contains("\"apdus\":2"))
        #expect(try desk.control("stats").contains("\"inserted\":false"))
        #expect(try Self.sequence(desk) == 2)
        #expect(try desk.control("fault none") == "ok")
        #expect(try desk.control("insert") == "ok")
        try desk.waitForCard()
        #expect(try desk.transmit(initialize).contains("90 00 : Normal processing"))
        #expect(try Self.sequence(desk) == 3)
        #expect(try desk.control("fault nonsense").hasPrefix("refused"))
        #expect(try desk.control("remove") == "ok")
        #expect(try desk.control("stats").contains("\"inserted\":false"))
        #expect(desk.isRunning)
        try desk.stop()
        #expect(!desk.isRunning)
    }
}
