import Foundation
import Testing

@Suite("机密 no secret in git")
struct SecretsTests {
    /// Published test vectors, whose keys are known to the world.
    private static let known: Set<String> = [
        // GlobalPlatform's and NIST's example key.
        "404142434445464748494a4b4c4d4e4f",
        // No key at all.
        "0000000000000000000000000000000000000000000000000000000000000000",
    ]

    @Test
    func `no private key and no raw key is kept`() throws {
        guard let tracked = try Repository.tracked() else {
            print("skipped: no git, so what it keeps cannot be listed")
            return
        }
        #expect(tracked.count > 200)
        for path in tracked {
            let url = Repository.root.appendingPathComponent(path)
            guard let data = try? Data(contentsOf: url), let text = String(data: data, encoding: .utf8) else {
                continue
            }
            let head = "-----BEGIN "
            #expect(
                !text.contains(try Regex("\(head)[A-Z ]*PRIVATE KEY-----\\s+[A-Za-z0-9+/]")),
                "\(path): a private key"
            )
            #expect(!path.hasSuffix(".key") && !path.hasSuffix(".p12") && !path.hasSuffix(".pfx"), "\(path)")
            guard !isVector(path) else { continue }
            for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                guard line.lowercased().contains("key") else { continue }
                for match in line.matches(of: /[0-9A-Fa-f]+/) where match.output.count == 64 {
                    #expect(Self.known.contains(String(match.output).lowercased()), "\(path):\(number + 1) 32 octets")
                }
            }
        }
    }

    /// Tests against published vectors hold published keys.
    private func isVector(_ path: String) -> Bool { path.hasPrefix("Tests/Vectors/") || path.contains("Vector") }
}
