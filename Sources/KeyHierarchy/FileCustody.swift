package import Cryptography
import Encodings
import FoundationEssentials
package import Octets

/// 文件保管 Keys in sealed files under one key file: for unit tests and `CITIZEN_CUSTODY=file`, never for production.
///
/// Each key is one file `NAME.key`: a line of JSON with the algorithm, the point of a pair and the secret sealed under
/// the 32 octets of `custody.secret` (mode 0600).
package final class FileCustody: KeyCustody {
    package let label = CustodyLabel.file
    private let folder: String
    private let master: SecretOctets
    private let random: any RandomSource

    /// Opens the folder, making it and its key file when they are absent.
    package init(folder: String, random: any RandomSource) throws(CustodyFault) {
        self.folder = folder
        self.random = random
        master = try Self.readMaster(folder, random)
    }

    package func bring(
        _ name: KeyName,
        _ algorithm: KeyAlgorithm,
        _ secret: borrowing SecretOctets
    ) throws(CustodyFault) {
        try store(name, algorithm, point: nil, secret)
    }

    package func makePair(_ name: KeyName) throws(CustodyFault) -> [UInt8] {
        let pair: PrivateKey
        let secret: SecretOctets
        do throws(CryptographyFault) {
            pair = try PrivateKey.generate(.p256)
            secret = try pair.pkcs8()
        } catch { throw .device(operation: "generate", code: 0) }
        guard let point = pair.publicKey.point else { throw .device(operation: "point", code: 0) }
        try store(name, .p256, point: point, secret)
        return point
    }

    package func point(_ name: KeyName) throws(CustodyFault) -> [UInt8]? { try read(name).point }

    package func sign(_ name: KeyName, digest: [UInt8]) throws(CustodyFault) -> [UInt8] {
        let entry = try read(name)
        guard entry.algorithm == .p256 else { throw .notAllowed(name, .sign) }
        do throws(CryptographyFault) {
            let key = try PrivateKey(pkcs8: try opened(name, entry))
            guard let raw = SignatureForm.raw(fromDER: try key.sign(digest: digest)) else {
                throw CryptographyFault.invalid("signature")
            }
            return raw
        } catch { throw .altered(name) }
    }

    package func cmac(_ name: KeyName, _ message: [UInt8]) throws(CustodyFault) -> [UInt8] {
        let entry = try read(name)
        guard entry.algorithm == .aes128 else { throw .notAllowed(name, .derive) }
        do throws(CryptographyFault) {
            return try MessageAuthentication.cmac(.aes128, key: try opened(name, entry), message)
        } catch { throw .altered(name) }
    }

    package func seal(
        _ name: KeyName,
        nonce: [UInt8],
        associated: [UInt8],
        _ secret: borrowing SecretOctets
    ) throws(CustodyFault) -> [UInt8] {
        let entry = try read(name)
        guard entry.algorithm == .aes256 else { throw .notAllowed(name, .wrap) }
        do throws(CryptographyFault) {
            return try SealedBox.seal(
                key: try opened(name, entry),
                nonce: nonce,
                associated: associated,
                secret: secret
            )
        } catch { throw .altered(name) }
    }

    package func open(
        _ name: KeyName,
        nonce: [UInt8],
        associated: [UInt8],
        _ sealed: [UInt8]
    ) throws(CustodyFault) -> SecretOctets {
        let entry = try read(name)
        guard entry.algorithm == .aes256 else { throw .notAllowed(name, .unwrap) }
        do throws(CryptographyFault) {
            var clear = try SealedBox.open(key: try opened(name, entry), nonce: nonce, associated: associated, sealed)
            return SecretOctets(wiping: &clear)
        } catch { throw .altered(name) }
    }

    private struct Entry {
        let algorithm: KeyAlgorithm
        let point: [UInt8]?
        let nonce: [UInt8]
        let sealed: [UInt8]
    }

    private func path(_ name: KeyName) -> String { "\(folder)/\(name.purpose).\(name.version).key" }

    private func store(
        _ name: KeyName,
        _ algorithm: KeyAlgorithm,
        point: [UInt8]?,
        _ secret: borrowing SecretOctets
    ) throws(CustodyFault) {
        let nonce = random.octets(SealedBox.nonceLength)
        guard !FileManager.default.fileExists(atPath: path(name)) else { throw .exists(name) }
        do {
            var clear = unsafe secret.withUnsafeOctets { unsafe Array($0) }
            let owned = SecretOctets(wiping: &clear)
            let sealed = try SealedBox.seal(
                key: master,
                nonce: nonce,
                associated: place(name, algorithm),
                secret: owned
            )
            let line: JSON = [
                "algorithm": .string(algorithm.rawValue), "point": .string(Hex.encode(point ?? [])),
                "nonce": .string(Hex.encode(nonce)), "sealed": .string(Hex.encode(sealed)),
            ]
            try Data(line.encoded).write(to: URL(filePath: path(name)), options: [.atomic])
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(name))
        } catch { throw .unreachable("key folder \(folder)") }
    }

    private func place(_ name: KeyName, _ algorithm: KeyAlgorithm) -> [UInt8] {
        Array("\(name)/\(algorithm.rawValue)".utf8)
    }

    private func read(_ name: KeyName) throws(CustodyFault) -> Entry {
        guard let data = FileManager.default.contents(atPath: path(name)) else { throw .absent(name) }
        guard let line = try? JSONReader.read(Array(data)),
            let algorithm = line["algorithm"]?.string.flatMap(KeyAlgorithm.init(rawValue:)),
            let point = line["point"]?.string.flatMap({ try? Hex.decode($0) }),
            let nonce = line["nonce"]?.string.flatMap({ try? Hex.decode($0) }),
            let sealed = line["sealed"]?.string.flatMap({ try? Hex.decode($0) })
        else { throw .altered(name) }
        return Entry(algorithm: algorithm, point: point.isEmpty ? nil : point, nonce: nonce, sealed: sealed)
    }

    private func opened(_ name: KeyName, _ entry: Entry) throws(CryptographyFault) -> SecretOctets {
        var clear = try SealedBox.open(
            key: master,
            nonce: entry.nonce,
            associated: place(name, entry.algorithm),
            entry.sealed
        )
        return SecretOctets(wiping: &clear)
    }

    private static func readMaster(_ folder: String, _ random: any RandomSource) throws(CustodyFault) -> SecretOctets {
        let path = "\(folder)/custody.secret"
        let files = FileManager.default
        do {
            if let data = files.contents(atPath: path) {
                var octets = Array(data)
                guard octets.count == 32 else { throw CustodyFault.unreachable("\(path) is not 32 octets") }
                return SecretOctets(wiping: &octets)
            }
            try files.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            var octets = random.octets(32)
            try Data(octets).write(to: URL(filePath: path), options: [.withoutOverwriting])
            try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            return SecretOctets(wiping: &octets)
        } catch let fault as CustodyFault {
            throw fault
        } catch { throw .unreachable("key folder \(folder)") }
    }
}
