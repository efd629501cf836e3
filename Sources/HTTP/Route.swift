/// What answers a request. It runs on the shared threads: nothing in it may block.
package typealias Handler = @Sendable (Request, Parameters) async throws -> Response

/// The parts of a path that a pattern left open.
package struct Parameters: Sendable, Hashable {
    /// A handler asked for a part that its pattern does not have.
    package enum Fault: Error, Hashable, Sendable {
        case unknown(name: String)
    }

    private let values: [String: String]

    /// Parts by name; the router makes them, and tests.
    package init(_ values: [String: String] = [:]) { self.values = values }

    /// The part of a name, never empty. Throws `unknown`: the pattern's author's mistake, answered with 500.
    package subscript(name: String) -> String {
        get throws(Fault) {
            guard let value = values[name] else { throw .unknown(name: name) }
            return value
        }
    }
}

/// One route as a value: method, pattern, bounds and handler.
///
/// A pattern is a path whose segments are literal, `{name}` (one segment, not empty) or, at its end, `{name...}` (one or
/// more segments): `/api/v1/cards/{card}`, `/log/tile/{path...}`.
package struct Route: Sendable {
    /// A segment of a pattern.
    enum Segment: Hashable, Sendable {
        case literal(String)
        case one(String)
        case rest(String)
    }

    /// Where a path of the interface leads unless said otherwise.
    package static let outside: Set<Entrance> = [.public, .desk]

    /// The method; a route of GET answers HEAD too.
    package let method: Method
    /// The pattern as written.
    package let pattern: String
    /// The operation's name, as in the interface description (`operationId`).
    package let name: String
    /// The entrances that know the route; elsewhere it is not found.
    package let entrances: Set<Entrance>
    /// The largest body in octets; nil for the server's ordinary limit.
    package let bodyLimit: Int?
    /// How long the handler may take; nil for the server's ordinary deadline.
    package let deadline: Duration?
    let segments: [Segment]
    let handler: Handler

    /// A route. `bodyLimit` is cut at 32 MiB.
    package init(
        _ method: Method,
        _ pattern: String,
        name: String,
        on entrances: Set<Entrance> = Route.outside,
        bodyLimit: Int? = nil,
        deadline: Duration? = nil,
        handler: @escaping Handler
    ) {
        self.method = method
        self.pattern = pattern
        self.name = name
        self.entrances = entrances
        self.bodyLimit = bodyLimit.map { min(max($0, 0), Self.largestBody) }
        self.deadline = deadline
        self.handler = handler
        segments = Self.segments(of: pattern)
    }

    /// Method and pattern: what logs and figures call the route, never the path.
    package var label: String { "\(method.rawValue) \(pattern)" }

    private static let largestBody = 32 << 20

    private static func segments(of pattern: String) -> [Segment] {
        precondition(
            Screen.targetFault(pattern.filter { !"{}".contains($0) }.replacing("...", with: "")) == nil
                && pattern.hasPrefix("/"),
            "the author of the pattern \(pattern) wrote what no path can match"
        )
        let parts = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return parts.enumerated().map { index, part in
            guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
            let name = part.dropFirst().dropLast()
            guard name.hasSuffix("...") else { return .one(String(name)) }
            precondition(index == parts.count - 1, "the author of \(pattern) put an open end in the middle")
            return .rest(String(name.dropLast(3)))
        }
    }
}
