import CMicroHTTPD
import Octets

/// One request's way through the library, from its first line to its last octet.
///
/// Order of calls: made when the request line is read, `access` when the head is complete, once for each part of the
/// body, once at its end, and once more after a handler answered; `completed` at the end, always. The connection's
/// thread alone calls these; a handler's task and the deadline touch `stage` alone, under its lock.
@safe final class Exchange: @unchecked Sendable {
    private enum Stage {
        case receiving
        case running(ConnectionReference, Task<Void, Never>?)
        case answered(Response)
        case sent
    }

    private let service: Service
    private let entrance: Entrance
    private let began = ContinuousClock.now
    private let stage = Lock(Stage.receiving)

    private var head: Screen.Head
    private var isHeadComplete = false
    private var route: Route?
    private var parameters = Parameters()
    private var label = "screened"
    private var body: [UInt8] = []
    private var bodyLimit = 0
    private var isTooLarge = false
    private var requestID = RequestID()
    private var net = "-"
    private var status = 0
    private var octetsSent = 0
    private var stream: EventStream?
    /// When the deadline strikes; written before the exchange is running, read after.
    private(set) var deadline = ContinuousClock.now

    init(_ service: Service, _ entrance: Entrance, target: String) {
        self.service = service
        self.entrance = entrance
        head = Screen.Head(method: "", target: target, version: "", fields: HeaderFields())
        service.arrived()
    }

    /// A step of the library. `part` is a part of the body, empty at the head, at the end and after a resumption.
    func access(
        _ connection: ConnectionReference,
        method: String,
        version: String,
        part: UnsafeRawBufferPointer
    ) -> Bool {
        guard isHeadComplete else {
            isHeadComplete = true
            head.method = method
            head.version = version
            head.fields = connection.fields()
            return open(connection)
        }
        guard unsafe part.isEmpty else {
            unsafe receive(part)
            return true
        }
        switch stage.with({ $0 }) {
        case .receiving:
            begin(connection)
            return true
        case .answered(let response): return send(response, connection)
        case .running, .sent: return true
        }
    }

    /// The head is complete: screen, route, limit. Nothing of the body has been read.
    private func open(_ connection: ConnectionReference) -> Bool {
        if let id = head.fields["x-request-id"].flatMap(RequestID.init) { requestID = id }
        net = ClientAddress.net(head.fields["x-forwarded-for"].flatMap { ClientAddress.isAddress($0) ? $0 : nil })
        if let status = Screen.refusal(of: head) { return refuse(status, connection) }
        guard !service.isStopping else { return refuse(503, connection) }
        guard let method = Method(rawValue: head.method) else { return refuse(405, connection) }
        let path = head.target.prefix { $0 != "?" }
        label = "unmatched"
        bodyLimit = service.settings.bodyLimit
        if case .found(let route, let parameters) = service.router.match(method, String(path), entrance) {
            self.route = route
            self.parameters = parameters
            label = route.label
            bodyLimit = route.bodyLimit ?? bodyLimit
        }
        let length = head.fields["content-length"].flatMap(Int.init) ?? 0
        guard length <= bodyLimit else { return refuse(413, connection) }
        // What is only announced takes no memory.
        body.reserveCapacity(min(length, service.settings.bodyLimit))
        return true
    }

    /// Refuses on the head alone: at once when a body follows (the connection is closed after it), else in the next
    /// step, so that the connection lives on.
    private func refuse(_ status: Int, _ connection: ConnectionReference) -> Bool {
        var response = service.router.refuse(Problem(status, requestID), nil)
        if status == 405 { response.fields.set("allow", Method.allCases.map(\.rawValue).joined(separator: ", ")) }
        if status == 503 { response = Service.unavailable(response) }
        let hasBody = head.fields["transfer-encoding"] != nil || (head.fields["content-length"] ?? "0") != "0"
        guard hasBody else {
            stage.with { $0 = .answered(response) }
            return true
        }
        return send(response, connection)
    }

    private func receive(_ part: UnsafeRawBufferPointer) {
        guard !isTooLarge, body.count + part.count <= bodyLimit else {
            isTooLarge = true
            body = []
            return
        }
        unsafe body.append(contentsOf: part)
    }

    /// The body is complete: suspend, then answer on the shared threads.
    private func begin(_ connection: ConnectionReference) {
        deadline = .now + (route?.deadline ?? service.settings.handlerDeadline)
        connection.suspend()
        stage.with { $0 = .running(connection, nil) }
        service.running(self)
        let task = Task.detached { self.settle(await self.answer()) }
        let isOver = stage.with { stage in
            guard case .running(let connection, nil) = stage else { return true }
            stage = .running(connection, task)
            return false
        }
        if isOver { task.cancel() }
    }

    private func answer() async -> Response {
        guard !isTooLarge else { return service.router.refuse(Problem(413, requestID), nil) }
        guard let method = Method(rawValue: head.method) else { return service.router.refuse(Problem(405), nil) }
        var fields = head.fields
        fields.set("x-request-id", requestID.text)
        let request: Request
        do {
            request = try Request(method, head.target, fields: fields, body: body, entrance: entrance)
        } catch {
            return service.router.refuse(Problem(400, requestID), nil)
        }
        guard let route else { return await service.router.answer(request, log: service.log) }
        return await service.router.answer(request, route, parameters, log: service.log)
    }

    /// Gives the answer over and wakes the connection; the first answer counts. After this no one here touches the
    /// connection again.
    private func settle(_ response: Response) {
        stage.with { stage in
            guard case .running(let connection, _) = stage else { return }
            stage = .answered(response)
            connection.resume()
        }
        service.settled(self)
    }

    /// The deadline struck or the service stops: 503, and the handler's task is cancelled.
    func expire() {
        let task = stage.with { stage -> Task<Void, Never>? in
            guard case .running(_, let task) = stage else { return nil }
            return task
        }
        settle(Service.unavailable(service.router.refuse(Problem(503, requestID), nil)))
        task?.cancel()
    }

    private func send(_ response: Response, _ connection: ConnectionReference) -> Bool {
        stage.with { $0 = .sent }
        var response = response
        if !Outgoing.isSendable(response) {
            let error = Outgoing.Fault.fields
            var problem = Problem(500, requestID)
            problem.members["incident"] = .text(RequestLog.incident(error, label, requestID, to: service.log))
            response = service.router.refuse(problem, nil)
        }
        if service.isStopping { response.fields.set("connection", "close") }
        status = response.status
        switch response.body {
        case .octets(let octets): octetsSent = head.method == "HEAD" ? 0 : octets.count
        case .events(let stream):
            self.stream = stream
            stream.attach(connection)
            service.opened(stream)
            if service.isStopping { stream.end() }
        }
        return Outgoing.queue(response, requestID, connection) { [service] stream in service.closed(stream) }
    }

    /// The library is done with the request, whatever became of it: the line is written, the figures are counted.
    func completed() {
        let elapsed = ContinuousClock.now - began
        let line = RequestLog(
            unixMilliseconds: service.settings.unixMilliseconds(),
            requestID: requestID.text,
            entrance: entrance,
            net: net,
            route: label,
            method: Method(rawValue: head.method)?.rawValue ?? "-",
            status: status,
            milliseconds: Int64(elapsed / .milliseconds(1)),
            octetsSent: stream?.octetsSent ?? octetsSent
        )
        service.departed(line, after: elapsed, isStream: stream != nil)
    }
}

extension Problem {
    /// The plain problem of a status in one request.
    fileprivate init(_ status: Int, _ id: RequestID) {
        self.init(status)
        instance = id.text
    }
}
