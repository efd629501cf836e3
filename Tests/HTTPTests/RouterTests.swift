import HTTP
import Testing

@Suite("路由 routes")
struct RouterTests {
    private struct Unexpected: Error {}

    private enum Personal: Error {
        case notForTheLog(String)
    }

    private static let router = Router([
        Route(.get, "/api/v1/cards/{card}", name: "card.show") { _, parameters in .text(try parameters["card"]) },
        Route(.get, "/api/v1/cards/search", name: "card.search") { _, _ in .text("search") },
        Route(.post, "/api/v1/cards/{card}/loss", name: "card.loss") { _, parameters in
            .text("loss of " + (try parameters["card"]))
        },
        Route(.get, "/log/tile/{path...}", name: "log.tile") { _, parameters in .text(try parameters["path"]) },
        Route(.get, "/console/", name: "console") { _, _ in .html("<p>") },
        Route(.get, "/metrics", name: "metrics", on: [.private]) { _, _ in .text("figures") },
        Route(.post, "/problem", name: "problem") { _, _ in throw Problem(409, title: "状态冲突 conflict") },
        Route(.post, "/unknown", name: "unknown") { _, _ in throw Personal.notForTheLog("110101199003070000") },
        Route(.get, "/typo/{card}", name: "typo") { _, parameters in .text(try parameters["kard"]) },
    ])

    private static func answer(
        _ method: Method,
        _ target: String,
        on entrance: Entrance = .public
    ) async throws
        -> (status: Int, text: String, fields: HeaderFields)
    {
        let response = await router.answer(try Request(method, target, entrance: entrance))
        guard case .octets(let octets) = response.body else { throw Unexpected() }
        return (response.status, String(decoding: octets, as: UTF8.self), response.fields)
    }

    @Test(arguments: [
        (Method.get, "/api/v1/cards/7", 200, "7"),
        (.get, "/api/v1/cards/search", 200, "search"),
        (.get, "/api/v1/cards/search?card=1&card=2", 200, "search"),
        (.head, "/api/v1/cards/7", 200, "7"),
        (.post, "/api/v1/cards/search/loss", 200, "loss of search"),
        (.get, "/log/tile/0/x001/234.p/5", 200, "0/x001/234.p/5"),
        (.get, "/console/", 200, "<p>"),
    ])
    func `a path finds its most particular route`(
        _ method: Method,
        _ target: String,
        _ status: Int,
        _ text: String
    )
        async throws
    {
        let answer = try await Self.answer(method, target)
        #expect(answer.status == status)
        #expect(answer.text == text)
    }

    @Test(arguments: ["/", "/api/v1/cards", "/api/v1/cards/", "/api/v1/cards/7/", "/log/tile/", "/console", "/metrics"])
    func `a path that no route has is not found`(_ target: String) async throws {
        let answer = try await Self.answer(.get, target)
        #expect(answer.status == 404)
        #expect(answer.fields["content-type"] == "application/problem+json")
    }

    @Test
    func `a route of the private entrance is known there alone`() async throws {
        #expect(try await Self.answer(.get, "/metrics", on: .private).status == 200)
        #expect(try await Self.answer(.get, "/metrics", on: .desk).status == 404)
        #expect(try await Self.answer(.get, "/console/", on: .private).status == 404)
    }

    @Test
    func `another method is refused with the methods that are allowed`() async throws {
        let refused = try await Self.answer(.delete, "/api/v1/cards/7")
        #expect(refused.status == 405)
        #expect(refused.fields["allow"] == "GET, HEAD, OPTIONS")
        let asked = try await Self.answer(.options, "/api/v1/cards/7/loss")
        #expect(asked.status == 204)
        #expect(asked.fields["allow"] == "POST, OPTIONS")
    }

    @Test
    func `the routes are listed with method and pattern`() {
        let list = Self.router.routes.map(\.label)
        #expect(list.count == 9)
        #expect(list.first == "GET /api/v1/cards/{card}")
        #expect(Self.router.routes.map(\.name).contains("card.loss"))
    }

    @Test
    func `a thrown problem is the answer and carries the number of the request`() async throws {
        let request = try Request(.post, "/problem")
        let response = await Self.router.answer(request)
        guard case .octets(let octets) = response.body else { throw Unexpected() }
        #expect(response.status == 409)
        let text = String(decoding: octets, as: UTF8.self)
        let expected = #"{"type":"about:blank","title":"状态冲突 conflict","status":409,"instance":"#
        #expect(text == expected + "\"\(request.requestID)\"}")
    }

    @Test
    func `an unknown error is 500 with an incident number, and one line names its type and case alone`() async throws {
        let lines = Recorder()
        let response = await Self.router.answer(try Request(.post, "/unknown"), log: lines.add)
        guard case .octets(let octets) = response.body else { throw Unexpected() }
        let text = String(decoding: octets, as: UTF8.self)
        #expect(response.status == 500)
        #expect(text.contains(#""incident":""#))
        #expect(!text.contains("notForTheLog"))
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1)
        #expect(line.contains(#""case":"notForTheLog""#))
        #expect(!line.contains("110101"))
    }

    @Test
    func `a handler that asks for a part its pattern does not have is an incident, not a crash`() async throws {
        #expect(try await Self.answer(.get, "/typo/1").status == 500)
    }

    @Test
    func `two routes of one shape and method are their author's mistake`() async {
        await #expect(processExitsWith: .failure) {
            _ = Router([
                Route(.get, "/a/{b}", name: "one") { _, _ in .noContent },
                Route(.get, "/a/{c}", name: "two") { _, _ in .noContent },
            ])
        }
    }

    @Test
    func `refusals take the form that the caller gives them`() async throws {
        let router = Router([]) { problem, request in
            request?.path.hasPrefix("/console/") == true
                ? .html("<h1>\(problem.title)</h1>", status: problem.status) : .problem(problem)
        }
        let page = await router.answer(try Request(.get, "/console/x"))
        #expect(page.fields["content-type"] == "text/html; charset=utf-8")
        #expect(page.status == 404)
    }
}
