import Glibc
import Octets

/// A listening Unix socket with mode 0660.
///
/// Mode and group are set between `bind` and `listen`: until then every connection is refused, so no moment exists in
/// which the socket is open to others, and the process-wide umask is left alone.
struct UnixListener: Sendable {
    /// The descriptor; whoever closes the listener owns it.
    let descriptor: Int32
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    private static let backlog: Int32 = 1_024
    private static let mode: mode_t = 0o660

    /// Listens on a path, whose stale socket is removed; a socket that still answers is left alone.
    init(path: String, group: String?) throws(Server.Fault) {
        try Self.clear(path)
        let descriptor = try Self.socket()
        do throws(Server.Fault) {
            try unsafe Self.withAddress(path) { address, size throws(Server.Fault) in
                guard unsafe bind(descriptor, address, size) == 0 else { throw .socket(path: path, errno: errno) }
            }
            guard unsafe chmod(path, Self.mode) == 0 else { throw .socket(path: path, errno: errno) }
            if let group { try Self.give(path, to: group) }
            guard listen(descriptor, Self.backlog) == 0 else { throw .socket(path: path, errno: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        var status = stat()
        unsafe lstat(path, &status)
        self.descriptor = descriptor
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Takes the name away, unless another socket has it by now.
    func unlinkName() {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
        unsafe unlink(path)
    }

    private static func socket() throws(Server.Fault) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .socket(path: "", errno: errno) }
        return descriptor
    }

    private static func clear(_ path: String) throws(Server.Fault) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        let probe = try socket()
        defer { close(probe) }
        try unsafe withAddress(path) { address, size throws(Server.Fault) in
            // EAGAIN is a full queue: somebody listens there too.
            if unsafe connect(probe, address, size) == 0 || errno == EAGAIN { throw .taken(path: path) }
        }
        unsafe unlink(path)
    }

    private static func give(_ path: String, to group: String) throws(Server.Fault) {
        guard let entry = unsafe getgrnam(group) else { throw .group(group) }
        guard unsafe chown(path, uid_t.max, entry.pointee.gr_gid) == 0 else {
            throw .socket(path: path, errno: errno)
        }
    }

    private static func withAddress<Result>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Server.Fault) -> Result
    ) throws(Server.Fault) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw .pathTooLong(path: path, limit: room - 1) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { name in unsafe name.copyBytes(from: path.utf8) }
        return try unsafe withUnsafePointer(to: &address) { pointer throws(Server.Fault) in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer throws(Server.Fault) in
                try unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
