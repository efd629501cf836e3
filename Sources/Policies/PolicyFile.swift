package import Encodings

/// Why a policy file was refused: file, JSON pointer and what is due there.
package struct PolicyFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let pointer: String
    package let reason: String

    package var description: String { "\(file)\(pointer.isEmpty ? "" : " \(pointer)"): \(reason)" }
}

/// One policy file: its name for messages and its JSON, read with comments allowed.
package struct PolicyFile: Sendable {
    package let name: String
    package let octets: [UInt8]
    package let json: JSON

    /// Reads the octets of a file; a fault names the line.
    package init(name: String, octets: [UInt8]) throws(PolicyFault) {
        self.name = name
        self.octets = octets
        do throws(JSONReader.Fault) {
            json = try JSONReader.read(octets, form: .policy)
        } catch {
            let line = octets.prefix(error.offset).count { $0 == 0x0A } + 1
            throw PolicyFault(file: name, pointer: error.pointer, reason: "line \(line): \(error.reason.rawValue)")
        }
    }

    func fault(_ pointer: String, _ reason: String) -> PolicyFault {
        PolicyFault(file: name, pointer: pointer, reason: reason)
    }

    /// Refuses a member that is not named.
    func demandMembers(_ json: JSON, _ names: [String], at pointer: String) throws(PolicyFault) {
        guard let members = json.members else { throw fault(pointer, "an object is due") }
        for member in members where !names.contains(member.name) {
            throw fault("\(pointer)/\(member.name)", "unknown member")
        }
    }

    /// `version`, with `basis` and `effectiveFrom` beside it.
    func version() throws(PolicyFault) -> Int {
        guard json["basis"]?.string?.isEmpty == false else { throw fault("/basis", "document and clause are due") }
        guard json["effectiveFrom"]?.string?.isEmpty == false else { throw fault("/effectiveFrom", "a date is due") }
        guard let version = json["version"]?.integer, version > 0 else { throw fault("/version", "a number is due") }
        return Int(version)
    }
}
