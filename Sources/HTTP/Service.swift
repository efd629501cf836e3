import Octets

/// What all entrances of one server share: settings, router, figures, and who is inside at the moment.
final class Service: Sendable {
    private struct Inside {
        var live = 0
        var running: [ObjectIdentifier: Exchange] = [:]
        var streams: [ObjectIdentifier: EventStream] = [:]
        var isStopping = false
    }

    let settings: Server.Settings
    let router: Router
    let log: @Sendable (String) -> Void
    private let inside = Lock(Inside())
    private let requests: Metrics.Counter
    private let latency: Metrics.Histogram
    private let inFlight: Metrics.Gauge
    private let openStreams: Metrics.Gauge

    init(_ settings: Server.Settings, _ router: Router, _ metrics: Metrics, _ log: @escaping @Sendable (String) -> Void)
    {
        self.settings = settings
        self.router = router
        self.log = log
        requests = metrics.counter(
            "citizen_http_requests_total",
            help: "Requests completed.",
            labels: ["entrance", "route", "status"]
        )
        latency = metrics.histogram(
            "citizen_http_request_seconds",
            help: "From request line to last octet.",
            labels: ["route"]
        )
        inFlight = metrics.gauge("citizen_http_in_flight", help: "Requests inside.")
        openStreams = metrics.gauge("citizen_http_event_streams", help: "Event streams open.")
    }

    /// Requests inside, streams too.
    var live: Int { inside.with(\.live) }

    /// Whether new requests are sent away.
    var isStopping: Bool { inside.with(\.isStopping) }

    func arrived() {
        inside.with { $0.live += 1 }
        inFlight.add(1)
    }

    func departed(_ line: RequestLog, after elapsed: Duration, isStream: Bool) {
        requests.increment([line.entrance.rawValue, line.route, String(line.status)])
        if !isStream { latency.observe(elapsed, [line.route]) }
        inFlight.add(-1)
        log(line.line)
        inside.with { $0.live -= 1 }
    }

    func running(_ exchange: Exchange) { inside.with { $0.running[ObjectIdentifier(exchange)] = exchange } }

    func settled(_ exchange: Exchange) { inside.with { $0.running[ObjectIdentifier(exchange)] = nil } }

    func opened(_ stream: EventStream) {
        inside.with { $0.streams[ObjectIdentifier(stream)] = stream }
        openStreams.add(1)
    }

    func closed(_ stream: EventStream) {
        inside.with { $0.streams[ObjectIdentifier(stream)] = nil }
        openStreams.add(-1)
    }

    /// From now on new requests on kept connections get 503.
    func beginStopping() { inside.with { $0.isStopping = true } }

    /// Strikes deadlines and sends heartbeats. The tables are copied out first: a stream's lock is never taken under
    /// the tables' lock.
    func tick() {
        let now = ContinuousClock.now
        let (running, streams) = inside.with { (Array($0.running.values), Array($0.streams.values)) }
        for exchange in running where exchange.deadline <= now { exchange.expire() }
        for stream in streams { stream.heartbeat(now: now, every: settings.heartbeat) }
    }

    func endStreams() {
        for stream in inside.with({ Array($0.streams.values) }) { stream.end() }
    }

    func expireAll() {
        for exchange in inside.with({ Array($0.running.values) }) { exchange.expire() }
    }

    /// A refusal for the moment: the client may come again.
    static func unavailable(_ response: Response) -> Response { response.with("retry-after", "1") }
}
