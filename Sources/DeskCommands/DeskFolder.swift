import Cryptography
import Encodings
import FoundationEssentials
import Octets
import ServiceClient

/// 窗口工作站 The files of one desk: certificate, the service's authority, the key that signs batches, the session.
struct DeskFolder: Sendable {
    /// Why the folder does not serve.
    struct Fault: Error {
        let path: String
    }

    let path: String
    let desk: String
    let service: String
    let relay: String
    let batchKey: PublicKey

    init(path: String) throws {
        self.path = path
        func read(_ name: String) throws -> JSON {
            guard let data = FileManager.default.contents(atPath: "\(path)/\(name)"),
                let json = try? JSONReader.read(Array(data))
            else { throw Fault(path: "\(path)/\(name)") }
            return json
        }
        let settings = try read("desk.json")
        guard let desk = settings["desk"]?.string, let service = settings["service"]?.string,
            let relay = settings["relay"]?.string
        else { throw Fault(path: "\(path)/desk.json") }
        guard let spki = try read("batch.json")["spki"]?.string, let octets = try? Hex.decode(spki) else {
            throw Fault(path: "\(path)/batch.json")
        }
        self.desk = desk
        self.service = service
        self.relay = relay
        batchKey = try PublicKey(spki: octets)
    }

    /// The public side: the same API as the console's.
    func client() throws -> Client {
        try Client(Client.Settings(address: service, authorityFile: "\(path)/ca.pem"))
    }

    /// The mutual-TLS side: the relay.
    func relayClient() throws -> Client {
        try Client(
            Client.Settings(
                address: relay,
                authorityFile: "\(path)/ca.pem",
                certificate: Client.Certificate(file: "\(path)/desk.pem", keyFile: "\(path)/desk.key"),
                threads: 17
            )
        )
    }

    /// The clerk's session token; nil when nobody has signed in.
    var token: String? {
        FileManager.default.contents(atPath: "\(path)/session").map { String(decoding: $0, as: UTF8.self) }
    }

    /// Keeps the token for the next commands, readable by this account alone.
    func keep(token: String) throws {
        let file = "\(path)/session"
        try? FileManager.default.removeItem(atPath: file)
        guard
            FileManager.default.createFile(
                atPath: file,
                contents: Data(token.utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw Fault(path: file) }
    }
}
