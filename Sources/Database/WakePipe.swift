import Glibc

/// A pipe by which another thread ends a worker's wait for its socket.
final class WakePipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    /// Throws `unexpected` when the process has no more file descriptors.
    init() throws(DatabaseFault) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .unexpected("pipe \(errno)") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Ends the wait that is on, or the next one.
    func wake() {
        var octet: UInt8 = 1
        // A full pipe wakes as well, so the result does not matter.
        _ = unsafe write(writeEnd, &octet, 1)
    }

    /// Forgets all wakes so far.
    func drain() {
        var octets = [UInt8](repeating: 0, count: 64)
        while unsafe read(readEnd, &octets, octets.count) > 0 {}
    }
}
