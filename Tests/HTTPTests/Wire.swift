import Glibc
import Octets

/// A plain connection to a Unix socket, to send what no client library would send.
///
/// Blocking, with a time limit for each reading; so it is used on threads of its own (`onThread`).
@safe final class Wire {
    /// What went wrong on the test's side.
    enum Fault: Error {
        case connect(errno: Int32)
        case send(errno: Int32)
        case silence
    }

    private let descriptor: Int32

    /// Connects to a socket's path.
    init(_ path: String, silenceSeconds: Int = 10) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { name in unsafe name.copyBytes(from: path.utf8) }
        var limit = timeval(tv_sec: silenceSeconds, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw Fault.connect(errno: code)
        }
    }

    deinit { close(descriptor) }

    /// Sends all octets; a side that closed early or reads no more is not an error, its answer may still be read.
    func send(_ octets: [UInt8]) throws {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, [EPIPE, ECONNRESET, EAGAIN].contains(errno) { return }
            guard count > 0 else { throw Fault.send(errno: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends a text.
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Reads until the other side closes or `isEnough` holds. Throws `silence` after the limit.
    func read(until isEnough: (String) -> Bool = { _ in false }) throws -> String {
        var octets: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe block.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
            }
            if count < 0, errno == EAGAIN { throw Fault.silence }
            guard count > 0 else { return String(decoding: octets, as: UTF8.self) }
            octets += block.prefix(count)
            let text = String(decoding: octets, as: UTF8.self)
            if isEnough(text) { return text }
        }
    }

    /// Reads until the claim holds, the other side closes, or the limit passes; says which text came.
    func reply(until isEnough: (String) -> Bool) -> (text: String, isClosed: Bool) {
        var got = ""
        do {
            let text = try read { text in
                got = text
                return isEnough(text)
            }
            return (text, !isEnough(text))
        } catch {
            return (got, false)
        }
    }

    /// Reads one answer whose length is given.
    func answer() throws -> Answer {
        let text = try read { Answer($0)?.isWhole == true }
        return Answer(text) ?? Answer.none
    }
}

/// One answer taken apart just enough for the tests.
struct Answer: Sendable {
    static let none = Answer(status: 0, head: "", body: "")

    let status: Int
    let head: String
    let body: String

    private init(status: Int, head: String, body: String) {
        self.status = status
        self.head = head
        self.body = body
    }

    /// The first final answer of a text; nil when its head is not complete.
    init?(_ text: String) {
        var text = text[...]
        while text.hasPrefix("HTTP/1.1 100"), let end = text.firstRange(of: "\r\n\r\n") {
            text = text[end.upperBound...]
        }
        guard let end = text.firstRange(of: "\r\n\r\n"), text.hasPrefix("HTTP/1.") else { return nil }
        head = String(text[..<end.lowerBound])
        body = String(text[end.upperBound...])
        status = Int(head.dropFirst(9).prefix(3)) ?? 0
    }

    /// The value of a header field, case of the name ignored.
    func field(_ name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name { return parts[1].drop { $0 == " " }.description }
        }
        return nil
    }

    /// Whether as much of the body is here as its length says.
    var isWhole: Bool { field("content-length").flatMap { Int($0) }.map { body.utf8.count >= $0 } ?? (status == 204) }
}

/// Runs blocking work on a thread of its own, so that the shared threads stay free.
func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let box = Box { continuation.resume(with: Swift.Result { try work() }) }
        // The thread takes the reference over and gives it back when it ends.
        let reference = unsafe Unmanaged.passRetained(box).toOpaque()
        var thread: pthread_t = 0
        let result = unsafe pthread_create(
            &thread,
            nil,
            { reference in
                if let reference = unsafe reference {
                    unsafe Unmanaged<Box>.fromOpaque(reference).takeRetainedValue().work()
                }
                return nil
            },
            reference
        )
        precondition(result == 0, "the host has no room for one more thread")
        pthread_detach(thread)
    }
}

private final class Box: Sendable {
    let work: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}
