import Cryptography
import Octets

/// 专用文件 What every application keeps: its state, files, keys and the trace of its last STORE DATA list.
struct DedicatedFile: Codable, Hashable, Sendable {
    var state = ApplicationState.selectable
    var files: [ElementaryFile] = []
    var keys: [KeyRecord] = []
    var lists = CommittedLists()

    /// The position of a file by its identifier.
    func position(of identifier: UInt16) -> Int? { files.firstIndex { $0.identifier == identifier } }

    /// The position of a file by its short identifier.
    func position(short: UInt8) -> Int? { files.firstIndex { $0.shortIdentifier == short } }
}

/// DF30: how many STORE DATA lists were committed, and the hash of the last one: the means to resolve a tear.
struct CommittedLists: Codable, Hashable, Sendable {
    var count: UInt16 = 0
    @Hexadecimal var hash: [UInt8] = [UInt8](repeating: 0, count: 32)

    /// Counts a committed list.
    mutating func add(_ joined: [UInt8]) {
        count &+= 1
        hash = Digest.sha256.hash(joined)
    }

    /// count(2) ‖ SHA-256.
    var octets: [UInt8] { count.bigEndianOctets + hash }
}
