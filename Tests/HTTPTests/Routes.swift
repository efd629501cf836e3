import HTTP

/// The small interface that the tests talk to.
enum Routes {
    private struct Unexpected: Error {}

    static func all(_ held: Held, _ metrics: Metrics) -> [Route] {
        let everywhere = Set(Entrance.allCases)
        let flooded = metrics.counter("citizen_test_flood_ended_total", help: "Floods that were cut off.")
        let ping: Handler = { _, _ in .text("pong") }
        var routes = [
            Route(.get, "/ping", name: "ping", on: everywhere, handler: ping),
            Route(.post, "/token", name: "token") { request, _ in
                let form = try request.form()
                return .text("\(try form.value("grant_type") ?? "-") \(request.body.count)")
            },
            Route(.post, "/count", name: "count") { request, _ in .text(String(request.body.count)) },
            Route(.post, "/console/upload", name: "upload", bodyLimit: 1 << 20) { request, _ in
                .text(String(request.body.count))
            },
            Route(.get, "/echo/{part}", name: "echo") { request, parameters in
                let query = request.query.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
                return .text("\(try parameters["part"]) \(query) \(request.clientAddress ?? "-") \(request.entrance)")
            },
            Route(.get, "/fields", name: "fields") { request, _ in
                let lines = request.fields.all.map { "\($0.name): \($0.value)\n" }.joined()
                return .text(lines + "certificate: \(request.clientCertificatePEM ?? "-")\n")
            },
            Route(.get, "/held", name: "held") { _, _ in
                await held.wait()
                return .text("released")
            },
            Route(.get, "/poll", name: "poll") { _, _ in
                // A long poll: nothing comes, and the wait is cut by its own short end.
                try? await Task.sleep(for: .milliseconds(50))
                return .noContent
            },
            Route(.get, "/short", name: "short", deadline: .milliseconds(100)) { _, _ in
                await held.wait()
                return .text("too late")
            },
            Route(.get, "/fault", name: "fault") { _, _ in throw Unexpected() },
            Route(.get, "/broken", name: "broken") { _, _ in .seeOther("/a\r\nset-cookie: planted=1") },
            Route(.get, "/moved", name: "moved") { _, _ in .seeOther("/ping") },
            Route(.get, "/console/progress/{job}", name: "progress") { _, _ in
                .events { stream in
                    for step in 1...3 { stream.send(event: "step", data: "\(step)\nof 3") }
                    await held.wait()
                    stream.send(event: "done", data: "")
                }
            },
            Route(.get, "/flood", name: "flood") { _, _ in
                .events { stream in
                    let line = String(repeating: "x", count: 8_000)
                    while stream.send(event: "x", data: line) {}
                    flooded.increment()
                }
            },
        ]
        routes += Health.routes(
            metrics: metrics,
            isAlive: { true },
            readiness: { [Readiness("database", isReady: false)] }
        )
        return routes
    }
}
