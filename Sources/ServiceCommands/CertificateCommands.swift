import Database
import KeyHierarchy
import Certificates
import CommandLine
import Cryptography
import Encodings
import Evidence
import FoundationEssentials
import Octets
import Office

/// `citizend desk add`: key and certificate of a desk agent, the files that go to the workstation.
enum DeskCommand {
    static let command = ServiceProgram.Command(
        words: ["desk", "add"],
        purpose: Text(zh: "登记窗口工作站", en: "register a desk and make its certificate"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let usage = Usage(
            "citizend desk add",
            command.purpose,
            options: [
                Option("id", .value("DESK"), Text(zh: "窗口编号", en: "name of the desk")),
                Option("hall", .value("HALL"), Text(zh: "服务大厅", en: "service hall")),
                Option("service", .value("URL"), Text(zh: "服务地址", en: "address of the service")),
                Option("relay", .value("URL"), Text(zh: "中继地址 (双向 TLS)", en: "address of the relay, mutual TLS")),
                Option("out", .value("DIR"), Text(zh: "写入的文件夹", en: "folder to write to")),
            ]
        )
        let options = try console.options(arguments, usage)
        let service = try options.required("service")
        let relay = try options.required("relay")
        let desk = try options.required("id")
        let hall = try options.required("hall")
        let out = try options.required("out")
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let key = try PrivateKey.generate(.p256)
        let certificate = try await CertificateFiles.issue(.desk, commonName: desk, key, years: 2, parts.office)
        let act = AddDesk(desk: desk, hall: hall, fingerprint: certificate.fingerprint)
        do throws(Refusal) {
            _ = try await parts.office.perform(act, by: .account(name: "console", role: "operator"))
        } catch { throw error }
        let files = CertificateFiles(folder: out)
        try files.writeSecret("desk.key", key)
        try files.write("desk.pem", try await files.chain(certificate, parts.office))
        try files.write("ca.pem", try await files.authorities(parts.office))
        let place: JSON = ["desk": .string(desk), "service": .string(service), "relay": .string(relay)]
        try files.write("desk.json", place.text)
        let batch = try parts.office.keys.signer("perso.batch").publicKey
        try files.write("batch.json", JSON.object([.init("spki", .string(Hex.encode(batch.spki)))]).text)
        await parts.office.database.close()
        console.say(Text(zh: "窗口 \(desk) 已登记, 文件在 \(out)", en: "desk \(desk) registered, files in \(out)"))
        return .done
    }
}

/// `citizend certificate server`: the front's TLS key and certificate.
enum ServerCertificateCommand {
    static let command = ServiceProgram.Command(
        words: ["certificate", "server"],
        purpose: Text(zh: "签发服务器证书", en: "make the server's TLS certificate"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let usage = Usage(
            "citizend certificate server",
            command.purpose,
            options: [
                Option("host", .value("NAME"), Text(zh: "主机名", en: "host name")),
                Option("out", .value("DIR"), Text(zh: "写入的文件夹", en: "folder to write to")),
            ]
        )
        let options = try console.options(arguments, usage)
        let host = try options.required("host")
        let files = CertificateFiles(folder: try options.required("out"))
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let key = try PrivateKey.generate(.p256)
        let certificate = try await CertificateFiles.issue(
            .server(host: host),
            commonName: host,
            key,
            years: 1,
            parts.office
        )
        try files.writeSecret("srv.key", key)
        try files.write("srv.pem", try await files.chain(certificate, parts.office))
        try files.write("ca.pem", try await files.authorities(parts.office))
        await parts.office.database.close()
        return .done
    }
}

/// `citizend key export-anchors DIR`: the public part of our authorities.
enum AnchorsCommand {
    static let command = ServiceProgram.Command(
        words: ["key", "export-anchors"],
        purpose: Text(zh: "导出公开的信任锚", en: "export the public trust anchors"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let usage = Usage("citizend key export-anchors", command.purpose, arguments: ["DIR"])
        let options = try console.options(arguments, usage)
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let files = CertificateFiles(folder: options.arguments[0])
        for (name, certificate) in try await CertificateFiles.all(parts.office) {
            try files.write("\(name).pem", certificate.pem)
        }
        let object = try parts.office.keys.signer("card.object").publicKey
        try files.write("card.object.spki.hex", Hex.encode(object.spki))
        try files.write("evidence.vkey", try parts.logIdentity().keys.map { $0.text + "\n" }.joined())
        await parts.office.database.close()
        return .done
    }
}

/// Certificates as files.
struct CertificateFiles {
    let folder: String

    static func issue(
        _ profile: CertificateProfile,
        commonName: String,
        _ key: PrivateKey,
        years: Int64,
        _ office: Office
    ) async throws -> Certificate {
        let authority = CertificateAuthority(office: office, purpose: "ca.issuing.desk")
        let end = office.now.microseconds / 1_000_000 + years * 31_557_600
        let publicKey = key.publicKey
        return try await WorkerThreads(count: 1, name: "certificate").run {
            try authority.issue(profile, commonName: commonName, publicKey, notAfter: end).certificate
        }
    }

    static func all(_ office: Office) async throws -> [(name: String, certificate: Certificate)] {
        try await office.database.all("SELECT name, der FROM authority ORDER BY name").map { row in
            (try row.value("name"), try Certificate(der: row.value("der")))
        }
    }

    /// The certificate with its authority.
    func chain(_ certificate: Certificate, _ office: Office) async throws -> String {
        let authority = try await Self.all(office).first { $0.name == "ca.issuing.desk" }
        return certificate.pem + (authority?.certificate.pem ?? "")
    }

    /// Root and desk authority: whom servers and desks believe.
    func authorities(_ office: Office) async throws -> String {
        try await Self.all(office).filter { $0.name != "ca.issuing.card" }.map(\.certificate.pem).joined()
    }

    func write(_ name: String, _ text: String) throws {
        try write(name, Array(text.utf8), mode: 0o644)
    }

    /// PKCS#8 in PEM, readable by the owner alone.
    func writeSecret(_ name: String, _ key: PrivateKey) throws {
        let pem = unsafe try key.pkcs8().withUnsafeOctets { unsafe PEM.text("PRIVATE KEY", Array($0)) }
        try write(name, Array(pem.utf8), mode: 0o600)
    }

    private func write(_ name: String, _ octets: [UInt8], mode: Int) throws {
        let files = FileManager.default
        let path = "\(folder)/\(name)"
        do {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try? files.removeItem(atPath: path)
            guard files.createFile(atPath: path, contents: Data(octets), attributes: [.posixPermissions: mode]) else {
                throw CommandFault.unreachable(Text(zh: "无法写入 \(path)", en: "cannot write \(path)"))
            }
        }
    }
}
