import Foundation
import Glibc
import HTTP
import Octets

/// A running server on sockets in a folder of its own, with the routes that the tests need.
struct Fixture: Sendable {
    /// The folder; short, because a socket's path is.
    let folder: String
    let server: Server
    let lines: Recorder
    let metrics: Metrics
    let held: Held

    /// The socket of an entrance.
    func socket(_ entrance: Entrance = .public) -> String { "\(folder)/run/\(entrance.rawValue).sock" }

    /// Starts a server, runs the body, stops the server, and demands that nobody is left inside.
    static func run(
        deadline: Duration = .seconds(25),
        heartbeat: Duration = .seconds(15),
        grace: Duration = .seconds(3),
        _ body: (Fixture) async throws -> Void
    ) async throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        unsafe mkdir(folder + "/run", 0o750)
        let lines = Recorder()
        let metrics = Metrics()
        let held = Held()
        var sockets: [Entrance: String] = [:]
        for entrance in Entrance.allCases { sockets[entrance] = "\(folder)/run/\(entrance.rawValue).sock" }
        let settings = Server.Settings(
            sockets: sockets,
            socketGroup: getuid() == 0 ? "www-data" : nil,
            handlerDeadline: deadline,
            heartbeat: heartbeat,
            grace: grace
        )
        let router = Router(Routes.all(held, metrics))
        let server = try Server.start(settings, router, metrics: metrics, log: lines.add)
        let fixture = Fixture(folder: folder, server: server, lines: lines, metrics: metrics, held: held)
        do {
            try await body(fixture)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Sends one request on a connection of its own and reads one answer.
    func ask(_ text: String, on entrance: Entrance = .public) async throws -> Answer {
        let path = socket(entrance)
        return try await onThread {
            let wire = try Wire(path)
            try wire.send(text)
            return try wire.answer()
        }
    }

    /// A fresh folder with a short path.
    static func temporaryFolder() throws -> String {
        var template = Array("/tmp/ccXXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let start = buffer.baseAddress, let made = unsafe mkdtemp(start) else { return nil }
            return unsafe String(cString: made)
        }
        guard let made else { throw Wire.Fault.connect(errno: errno) }
        return made
    }
}

/// Requests that wait inside until the test lets them go.
struct Held: Sendable {
    private struct State {
        var waiting: [CheckedContinuation<Void, Never>] = []
        var arrivals: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Lock(State())

    /// Waits inside a handler; cancellation is not heeded, which is the worst case for the server.
    func wait() async {
        await withCheckedContinuation { continuation in
            let ready = state.with { state in
                state.waiting.append(continuation)
                return Self.ready(&state)
            }
            for arrival in ready { arrival.resume() }
        }
    }

    /// Returns once so many requests wait inside.
    func arrived(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let ready = state.with { state in
                state.arrivals.append((count, continuation))
                return Self.ready(&state)
            }
            for arrival in ready { arrival.resume() }
        }
    }

    /// Lets all go.
    func release() {
        let waiting = state.with { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private static func ready(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        let count = state.waiting.count
        let ready = state.arrivals.filter { $0.0 <= count }.map(\.1)
        state.arrivals.removeAll { $0.0 <= count }
        return ready
    }
}
