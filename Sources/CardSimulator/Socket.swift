import CSystem
import Glibc

/// 套接字 A stream socket, closed when its last owner lets go. All of this module's system calls lie here.
final class Socket {
    /// Which call failed, and errno.
    struct Fault: Error, Hashable, Sendable {
        let call: String
        let number: Int32
    }

    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// A TCP connection to a port of the loopback address, without Nagle's delay.
    static func connect(port: UInt16) throws(Fault) -> Socket {
        let socket = try open(AF_INET)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address is read during the call alone.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe Glibc.connect(socket.descriptor, address, size)
            }
        }
        guard result == 0 else { throw Fault(call: "connect", number: errno) }
        socket.set(TCP_NODELAY)
        return socket
    }

    /// A listening Unix socket; a stale one of an earlier process is removed.
    static func listen(path: String) throws(Fault) -> Socket {
        let socket = try open(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Fault(call: "bind", number: ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: octets) }
        // The path is read during the call alone.
        _ = unsafe unlink(path)
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        // The address is read during the call alone.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(socket.descriptor, address, size)
            }
        }
        guard result == 0 else { throw Fault(call: "bind", number: errno) }
        guard Glibc.listen(socket.descriptor, 4) == 0 else { throw Fault(call: "listen", number: errno) }
        return socket
    }

    /// The next client of a listening socket.
    func accept() throws(Fault) -> Socket {
        let client = Glibc.accept(descriptor, nil, nil)
        guard client >= 0 else { throw Fault(call: "accept", number: errno) }
        return Socket(client)
    }

    /// What has arrived, at most 64 KiB; empty at the end of the stream or after a fault.
    func receive() -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: 65_536)
        while true {
            // The buffer belongs to this call.
            let count = unsafe recv(descriptor, &octets, octets.count, 0)
            if count < 0, errno == EINTR { continue }
            return Array(octets.prefix(max(count, 0)))
        }
    }

    /// Everything, in one call where the kernel takes it; false when the other side is gone.
    func send(_ octets: [UInt8]) -> Bool {
        var rest = ArraySlice(octets)
        while !rest.isEmpty {
            let part = Array(rest)
            // The buffer belongs to this call.
            let count = unsafe Glibc.send(descriptor, part, part.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// The acknowledgement leaves at once; not sticky, so before each receive. vpcd writes length and body apart, and
    /// Nagle's rule against a delayed acknowledgement would cost 42 ms a command.
    func acknowledgeAtOnce() { set(TCP_QUICKACK) }

    /// Those of the sockets that can be read, waiting at most so long.
    static func readable(_ sockets: [Socket], milliseconds: Int32) -> [Bool] {
        var entries = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        // The entries belong to this call.
        let count = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
        return entries.map { count > 0 && $0.revents != 0 }
    }

    private static func open(_ family: Int32) throws(Fault) -> Socket {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Fault(call: "socket", number: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return Socket(descriptor)
    }

    private func set(_ option: Int32) {
        var yes: Int32 = 1
        // A refusal only costs time.
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), option, &yes, socklen_t(MemoryLayout<Int32>.size))
    }
}
