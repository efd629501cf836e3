import CMicroHTTPD
import Glibc
import Octets

/// The HTTP service on its Unix sockets, one for each entrance. It opens no other address.
@safe package final class Server: @unchecked Sendable {
    /// Why the service cannot listen.
    package enum Fault: Error, Hashable, Sendable {
        case pathTooLong(path: String, limit: Int)
        case notASocket(path: String)
        case taken(path: String)
        case group(String)
        case socket(path: String, errno: Int32)
        case library(path: String)
    }

    /// Sockets and bounds of a server.
    package struct Settings: Sendable {
        /// The socket's path of each entrance; 107 octets at most.
        package var sockets: [Entrance: String]
        /// The group of the sockets, so that the front may connect; nil leaves the process's own.
        package var socketGroup: String?
        /// Threads of each entrance; the handlers do not run on them.
        package var threads: Int
        /// Connections of each entrance, suspended ones too.
        package var connectionLimit: Int
        /// The largest body of a route that names none, in octets.
        package var bodyLimit: Int
        /// How long a handler may take; shorter than the front's patience of 30 s.
        package var handlerDeadline: Duration
        /// How long an event stream may be still.
        package var heartbeat: Duration
        /// How long requests inside may go on once the stop began.
        package var grace: Duration
        /// The clock of the log.
        package var unixMilliseconds: @Sendable () -> Int64

        /// The bounds of the service; the front's are set to match.
        package init(
            sockets: [Entrance: String],
            socketGroup: String? = nil,
            threads: Int = 2,
            connectionLimit: Int = 1_024,
            bodyLimit: Int = 64 << 10,
            handlerDeadline: Duration = .seconds(25),
            heartbeat: Duration = .seconds(15),
            grace: Duration = .seconds(3),
            unixMilliseconds: @escaping @Sendable () -> Int64 = HostClock.unixMilliseconds
        ) {
            self.sockets = sockets
            self.socketGroup = socketGroup
            self.threads = threads
            self.connectionLimit = connectionLimit
            self.bodyLimit = bodyLimit
            self.handlerDeadline = handlerDeadline
            self.heartbeat = heartbeat
            self.grace = grace
            self.unixMilliseconds = unixMilliseconds
        }
    }

    private let service: Service
    private let ticker: Ticker
    // Emptied once, by the one who stops.
    private let doors: Lock<[Door]>

    private static let tickMilliseconds: UInt32 = 50
    private static let poll = Duration.milliseconds(10)

    /// Starts to listen on every socket of the settings. `log` gets one line of JSON for each request, from any thread,
    /// and must not block.
    package static func start(
        _ settings: Settings,
        _ router: Router,
        metrics: Metrics,
        log: @escaping @Sendable (String) -> Void
    ) throws(Fault) -> Server {
        let service = Service(settings, router, metrics, log)
        var doors: [Door] = []
        do throws(Fault) {
            for (entrance, path) in settings.sockets.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                doors.append(try Door(service, entrance, path: path))
            }
        } catch {
            for door in doors { door.close() }
            throw error
        }
        return Server(service, doors)
    }

    private init(_ service: Service, _ doors: [Door]) {
        self.service = service
        self.doors = Lock(doors)
        ticker = Ticker(everyMilliseconds: Self.tickMilliseconds) { service.tick() }
    }

    /// Requests inside, open streams too.
    package var requestsInside: Int { service.live }

    /// Connections open on all entrances, idle ones too.
    package var connections: Int { doors.with { $0.reduce(0) { $0 + $1.connections } } }

    /// Stops: no new connections, names of the sockets gone, new requests on kept connections 503, streams ended; what is
    /// inside may finish within the grace time, then it is cancelled and answered 503; then all connections are closed.
    package func stop() async {
        let doors = doors.with { doors in
            defer { doors = [] }
            return doors
        }
        guard !doors.isEmpty else { return }
        // Detached: a stop that is itself cancelled must still wait, and not spin.
        await Task.detached { [service, ticker] in
            for door in doors { door.quiesce() }
            service.beginStopping()
            service.endStreams()
            await Self.wait(for: service, atMost: service.settings.grace)
            service.expireAll()
            await Self.wait(for: service, atMost: service.settings.grace)
            // Stopping the library while a connection is suspended is undefined: by here none is.
            service.endStreams()
            service.expireAll()
            ticker.stop()
            for door in doors { door.close() }
        }.value
    }

    private static func wait(for service: Service, atMost limit: Duration) async {
        let end = ContinuousClock.now + limit
        while service.live > 0, .now < end { try? await Task.sleep(for: poll) }
    }
}
