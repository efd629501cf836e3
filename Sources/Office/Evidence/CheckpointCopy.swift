import Glibc

/// 检查点副本 The last signed checkpoint in a file, best on another disk: whoever puts an old database back has to change
/// this file too (keys-evidence 9).
package struct CheckpointCopy: Sendable {
    /// The file could not be read or written.
    package struct Fault: Error, Hashable, Sendable {
        /// Where.
        package let path: String
        /// The errno of the call.
        package let code: Int32
    }

    /// Where.
    package let path: String

    /// A copy at this path.
    package init(path: String) { self.path = path }

    /// The note in the file; nil when there is no file.
    package func read() throws(Fault) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw fault
        }
        defer { close(file) }
        var octets: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while octets.count <= part.count {
            let count = unsafe part.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw fault }
            if count == 0 { break }
            octets += part.prefix(count)
        }
        return octets
    }

    /// Puts a note in place of the last one: written beside it, made durable, renamed, and the folder made durable.
    package func write(_ octets: [UInt8]) throws(Fault) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let fresh = "\(path).new"
        let file = unsafe open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw fault }
        let written = unsafe octets.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
        guard written == octets.count, fsync(file) == 0 else {
            close(file)
            throw fault
        }
        close(file)
        guard unsafe rename(fresh, path) == 0 else { throw fault }
        let place = unsafe open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw fault }
        defer { close(place) }
        guard fsync(place) == 0 else { throw fault }
    }

    private var fault: Fault { Fault(path: path, code: errno) }
}
