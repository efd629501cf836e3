/// One thing that the service needs, and whether it is there.
package struct Readiness: Sendable, Hashable {
    /// What it is: `database`, `keys`.
    package let name: String
    /// Whether it answers.
    package let isReady: Bool

    /// A finding.
    package init(_ name: String, isReady: Bool) {
        self.name = name
        self.isReady = isReady
    }
}

/// The routes by which operators watch the service: `/healthz`, `/readyz`, and `/metrics` on the private socket alone.
package enum Health {
    /// The three routes. `isAlive` says that the process works at all, `readiness` what it needs to serve.
    package static func routes(
        metrics: Metrics,
        isAlive: @escaping @Sendable () async -> Bool,
        readiness: @escaping @Sendable () async -> [Readiness]
    ) -> [Route] {
        let everywhere = Set(Entrance.allCases)
        return [
            Route(.get, "/healthz", name: "health", on: everywhere) { _, _ in
                let isAlive = await isAlive()
                return .json(Array(#"{"status":"\#(isAlive ? "ok" : "failing")"}"#.utf8), status: isAlive ? 200 : 503)
            },
            Route(.get, "/readyz", name: "readiness", on: everywhere) { _, _ in
                let findings = await readiness()
                let isReady = findings.allSatisfy(\.isReady)
                var parts = JSONText()
                for finding in findings { parts.add(finding.name, finding.isReady ? "ok" : "failing") }
                var text = JSONText()
                text.add("status", isReady ? "ok" : "failing")
                text.member("parts", parts.closed)
                return .json(Array(text.closed.utf8), status: isReady ? 200 : 503)
            },
            Route(.get, "/metrics", name: "metrics", on: [.private]) { _, _ in
                .octets(Array(metrics.text.utf8), mediaType: "text/plain; version=0.0.4; charset=utf-8")
            },
        ]
    }
}
