import Encodings
import FoundationEssentials
package import KeyHierarchy

/// 令牌设置 Which PKCS #11 token holds the keys, and how it is reached.
package struct TokenSettings: Hashable, Sendable {
    /// The vendor's shared library, opened with dlopen.
    package let modulePath: String
    package let tokenLabel: String
    /// Slot numbers are random and labels can be given twice; the serial number tells tokens apart.
    package let tokenSerial: String?
    /// A file of mode 0600 or less, owned by the user of this process, with the PIN in its first line.
    package let pinPath: String
    /// How many calls may run in the token at once, 1 to 64.
    package let sessions: Int
    package let vendor: VendorMechanisms

    package init(
        modulePath: String,
        tokenLabel: String,
        tokenSerial: String? = nil,
        pinPath: String,
        sessions: Int = 8,
        vendor: VendorMechanisms
    ) {
        self.modulePath = modulePath
        self.tokenLabel = tokenLabel
        self.tokenSerial = tokenSerial
        self.pinPath = pinPath
        self.sessions = sessions
        self.vendor = vendor
    }
}

/// 厂商机制表 The mechanism numbers of one module: a file of `Keys/vendors/`, data and not code.
package struct VendorMechanisms: Hashable, Sendable {
    package let name: String
    package let ecKeyPairGeneration: UInt
    package let ecdsa: UInt
    package let aesGCM: UInt
    package let aesCMAC: UInt

    /// Reads the file strictly; throws `.unreachable` with its path, the place and what is wrong there.
    package init(path: String) throws(CustodyFault) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreachable("the mechanism table \(path) cannot be read")
        }
        let json: JSON
        do throws(JSONReader.Fault) { json = try JSONReader.read(Array(data), form: .policy) } catch {
            throw .unreachable("\(path)\(error.pointer) at octet \(error.offset): \(error.reason.rawValue)")
        }
        try self.init(json, path: path)
    }

    private init(_ json: JSON, path: String) throws(CustodyFault) {
        func wrong(_ pointer: String, _ reason: String) -> CustodyFault { .unreachable("\(path)\(pointer): \(reason)") }
        let members = ["version", "effectiveFrom", "basis", "name", "mechanisms", "gcmParameterOctets"]
        guard let found = json.members else { throw wrong("", "an object is due") }
        for member in found where !members.contains(member.name) { throw wrong("/\(member.name)", "unknown member") }
        guard json["version"]?.integer == 1 else { throw wrong("/version", "1 is due") }
        guard json["effectiveFrom"]?.string != nil else { throw wrong("/effectiveFrom", "a date is due") }
        guard json["basis"]?.string?.isEmpty == false else { throw wrong("/basis", "words are due") }
        guard let name = json["name"]?.string, !name.isEmpty else { throw wrong("/name", "a name is due") }
        guard json["gcmParameterOctets"]?.integer == 48 else { throw wrong("/gcmParameterOctets", "48 is due") }
        let mechanisms = ["ecKeyPairGeneration", "ecdsa", "aesGCM", "aesCMAC"]
        guard let table = json["mechanisms"]?.members else { throw wrong("/mechanisms", "an object is due") }
        for member in table where !mechanisms.contains(member.name) {
            throw wrong("/mechanisms/\(member.name)", "unknown member")
        }
        func number(_ mechanism: String) throws(CustodyFault) -> UInt {
            guard let text = json["mechanisms"]?[mechanism]?.string, text.hasPrefix("0x"),
                let number = UInt(text.dropFirst(2), radix: 16)
            else { throw wrong("/mechanisms/\(mechanism)", "hexadecimal text such as 0x1087 is due") }
            return number
        }
        self.name = name
        ecKeyPairGeneration = try number("ecKeyPairGeneration")
        ecdsa = try number("ecdsa")
        aesGCM = try number("aesGCM")
        aesCMAC = try number("aesCMAC")
    }

    /// Every number with its name, for the check at start.
    var all: [(name: String, number: UInt)] {
        [
            ("ecKeyPairGeneration", ecKeyPairGeneration), ("ecdsa", ecdsa), ("aesGCM", aesGCM), ("aesCMAC", aesCMAC),
        ]
    }
}
