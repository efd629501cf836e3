/// Finds the route of a request and answers it.
///
/// A literal segment goes before an open one, an open one before an open end. The most particular path that has any
/// route at this entrance decides: another method on it is 405 with `Allow`.
package struct Router: Sendable {
    /// Turns a refusal into an answer, so that pages may refuse with a page. The request is nil when its head was
    /// refused before it became one.
    package typealias Refusals = @Sendable (Problem, Request?) -> Response

    /// What a method and a path lead to.
    enum Match: Sendable {
        case found(Route, Parameters)
        case otherMethod(allowed: [Method])
        case notFound
    }

    /// All routes in the order given, to be compared with the interface description.
    package let routes: [Route]
    private let root: Node
    private let refusals: Refusals

    /// A router. Two routes of one method and one shape of path are their author's mistake.
    package init(_ routes: [Route], refusals: @escaping Refusals = { problem, _ in .problem(problem) }) {
        self.routes = routes
        self.refusals = refusals
        var root = Node()
        for route in routes { root.insert(route, route.segments[...]) }
        self.root = root
    }

    /// Answers a request: the route's answer, or the refusal that its error means.
    ///
    /// A thrown `Problem` is answered as it is. Any other error is 500 with an incident number, and one line goes to
    /// the log with that number, the route and the error's type and case, nothing that it carries.
    package func answer(_ request: Request, log: @Sendable (String) -> Void = { _ in }) async -> Response {
        switch match(request.method, request.path, request.entrance) {
        case .found(let route, let parameters): await answer(request, route, parameters, log: log)
        case .otherMethod(let allowed): otherMethod(request, allowed)
        case .notFound: refuse(Problem(404), request)
        }
    }

    func answer(
        _ request: Request,
        _ route: Route,
        _ parameters: Parameters,
        log: @Sendable (String) -> Void
    ) async
        -> Response
    {
        do {
            return try await route.handler(request, parameters)
        } catch let problem as Problem {
            return refuse(problem, request)
        } catch is URLEncodedPairs.Fault {
            return refuse(Problem(400), request)
        } catch is Cookies.Fault {
            return refuse(Problem(400), request)
        } catch {
            var problem = Problem(500)
            problem.instance = request.requestID.text
            problem.members["incident"] = .text(RequestLog.incident(error, route.label, request.requestID, to: log))
            return refuse(problem, request)
        }
    }

    /// OPTIONS without a route of its own is answered with the methods; all else is 405.
    func otherMethod(_ request: Request, _ allowed: [Method]) -> Response {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        guard request.method != .options else { return Response.noContent.with("allow", list) }
        return refuse(Problem(405), request).with("allow", list)
    }

    func refuse(_ problem: Problem, _ request: Request?) -> Response {
        var problem = problem
        if problem.instance == nil { problem.instance = request?.requestID.text }
        return refusals(problem, request)
    }

    func match(_ method: Method, _ path: String, _ entrance: Entrance) -> Match {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let (node, values) = root.find(segments[...], entrance) else { return .notFound }
        let here = node.routes.filter { $0.entrances.contains(entrance) }
        let found = here.first { $0.method == method } ?? here.first { $0.method == .get && method == .head }
        guard let found else { return .otherMethod(allowed: Self.allowed(here)) }
        var named: [String: String] = [:]
        let names = found.segments.compactMap(\.openName)
        for (name, value) in zip(names, values) { named[name] = value }
        return .found(found, Parameters(named))
    }

    private static func allowed(_ routes: [Route]) -> [Method] {
        var methods = Set(routes.map(\.method)).union([.options])
        if methods.contains(.get) { methods.insert(.head) }
        return Method.allCases.filter(methods.contains)
    }
}

extension Route.Segment {
    fileprivate var openName: String? {
        switch self {
        case .literal: nil
        case .one(let name), .rest(let name): name
        }
    }
}

/// A place in the tree of patterns.
private struct Node: Sendable {
    var literal: [String: Node] = [:]
    var open: [Node] = []
    var rest: [Route] = []
    var routes: [Route] = []

    mutating func insert(_ route: Route, _ segments: ArraySlice<Route.Segment>) {
        guard let first = segments.first else { return add(route, to: \.routes) }
        switch first {
        case .literal(let text): literal[text, default: Node()].insert(route, segments.dropFirst())
        case .one:
            if open.isEmpty { open.append(Node()) }
            open[0].insert(route, segments.dropFirst())
        case .rest: add(route, to: \.rest)
        }
    }

    func find(_ segments: ArraySlice<String>, _ entrance: Entrance) -> (Node, [String])? {
        guard let first = segments.first else { return Self.has(routes, entrance) ? (self, []) : nil }
        if let found = literal[first]?.find(segments.dropFirst(), entrance) { return found }
        guard !first.isEmpty else { return nil }
        if let (node, values) = open.first?.find(segments.dropFirst(), entrance) { return (node, [first] + values) }
        guard Self.has(rest, entrance) else { return nil }
        return (Node(routes: rest), [segments.joined(separator: "/")])
    }

    private mutating func add(_ route: Route, to list: WritableKeyPath<Node, [Route]>) {
        let isTaken = self[keyPath: list].contains {
            $0.method == route.method && !$0.entrances.isDisjoint(with: route.entrances)
        }
        precondition(!isTaken, "the author of the routes gave \(route.label) twice")
        self[keyPath: list].append(route)
    }

    private static func has(_ routes: [Route], _ entrance: Entrance) -> Bool {
        routes.contains { $0.entrances.contains(entrance) }
    }
}
