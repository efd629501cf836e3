import HTTP
import Octets
import Testing

@Suite("请求的解析 reading requests")
struct RequestTests {
    private static func pairs(_ text: String) throws(URLEncodedPairs.Fault) -> [String] {
        try URLEncodedPairs(Array(text.utf8)).pairs.map { "\($0.name)=\($0.value)" }
    }

    @Test(arguments: [
        ("", [String]()), ("a=1", ["a=1"]), ("a=1&a=2&b", ["a=1", "a=2", "b="]), ("a=%E5%B8%82+%2B", ["a=市 +"]),
        ("a==&b=%26", ["a==", "b=&"]), ("%61=%0D%0A", ["a=\r\n"]),
    ])
    func `pairs are decoded and duplicates stay visible`(_ text: String, _ expected: [String]) throws {
        #expect(try Self.pairs(text) == expected)
    }

    @Test(arguments: [
        ("a=%", URLEncodedPairs.Fault.escape(offset: 2)), ("a=%4", .escape(offset: 2)), ("a=%g0", .escape(offset: 2)),
        ("a=%00", .character(offset: 2)), ("a=\u{1}", .character(offset: 2)), ("a=市", .character(offset: 2)),
        ("a=%FF", .text(offset: 2)), ("a=%C0%AF", .text(offset: 2)), ("=1", .emptyName(offset: 0)),
        ("a=1&&b=2", .emptyName(offset: 4)), ("&", .emptyName(offset: 0)), ("a=1&", .emptyName(offset: 4)),
    ])
    func `slack in pairs is refused with its offset`(_ text: String, _ fault: URLEncodedPairs.Fault) {
        #expect(throws: fault) { try Self.pairs(text) }
    }

    @Test
    func `a name that comes twice in a form is refused unless it may be repeated`() throws {
        let fields: HeaderFields = ["content-type": "application/x-www-form-urlencoded"]
        let request = try Request(.post, "/token", fields: fields, body: Array("scope=a&scope=b&x=1".utf8))
        #expect(throws: URLEncodedPairs.Fault.duplicate(name: "scope")) { try request.form() }
        let form = try request.form(repeatable: ["scope"])
        #expect(form.values("scope") == ["a", "b"])
        #expect(try form.value("x") == "1")
        #expect(throws: URLEncodedPairs.Fault.duplicate(name: "scope")) { try form.value("scope") }
        let json = try Request(.post, "/token", fields: ["content-type": "application/json"], body: Array("a=1".utf8))
        #expect(throws: URLEncodedPairs.Fault.mediaType) { try json.form() }
    }

    @Test
    func `cookies that cannot be read are passed over, planted ones are refused`() throws {
        let cookies = Cookies(["cookie": "__Host-s=abc; odd; other=\"q\"; a=1; a=2", "cookie": " late=x"])
        #expect(try cookies.value("__Host-s") == "abc")
        #expect(try cookies.value("late") == "x")
        #expect(try cookies.value("other") == nil)
        #expect(try cookies.value("__host-s") == nil)
        #expect(throws: Cookies.Fault.duplicate(name: "a")) { try cookies.value("a") }
        let made = try #require(SetCookie("__Host-s", "abc", sameSite: .strict, maxAgeSeconds: 0))
        #expect(made.fieldValue == "__Host-s=abc; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
        #expect(SetCookie("a", "b;c") == nil)
        #expect(SetCookie("a b", "c") == nil)
    }

    @Test(arguments: [
        ("", 0), ("x", 0), ("http://a/", 0), ("*", 0), ("/a%20", 2), ("/a//b", 3), ("/../a", 2), ("/a b", 2),
        ("/a#b", 2), ("/a?b#c", 4), ("/a;b", 2), ("/市", 1),
    ])
    func `a target that routing does not take is refused with its offset`(_ target: String, _ offset: Int) {
        #expect(throws: Request.Fault.target(offset: offset)) { try Request(.get, target) }
    }

    @Test
    func `a query that cannot be decoded is a fault of the request`() {
        #expect(throws: Request.Fault.query(.escape(offset: 2))) { try Request(.get, "/a?b=%") }
    }

    @Test
    func `the certificate counts on the desk alone and the address must be one`() throws {
        let fields: HeaderFields = [
            "x-client-verify": "SUCCESS", "x-client-cert": "-----BEGIN%20CERTIFICATE-----%0AMA",
            "x-forwarded-for": "::1",
        ]
        let desk = try Request(.get, "/", fields: fields, entrance: .desk)
        #expect(desk.clientCertificatePEM == "-----BEGIN CERTIFICATE-----\nMA")
        #expect(desk.clientAddress == "::1")
        #expect(try Request(.get, "/", fields: fields).clientCertificatePEM == nil)
        #expect(try Request(.get, "/", fields: fields).fields["x-client-cert"] == nil)
        let failed: HeaderFields = ["x-client-verify": "NONE", "x-client-cert": "-----BEGIN CERTIFICATE-----"]
        #expect(try Request(.get, "/", fields: failed, entrance: .desk).clientCertificatePEM == nil)
        let list: HeaderFields = ["x-forwarded-for": "1.2.3.4, 5.6.7.8"]
        #expect(try Request(.get, "/", fields: list).clientAddress == nil)
    }

    @Test
    func `credentials are read by their scheme`() throws {
        let request = try Request(.get, "/", fields: ["authorization": "DPoP abc"])
        #expect(request.credentials("dpop") == "abc")
        #expect(request.credentials("bearer") == nil)
    }

    @Test
    func `a problem document has its members in order and escapes what it quotes`() {
        let problem = Problem(
            422,
            title: "内容有误 \"x\"",
            type: "/problems/card",
            detail: "a\n\u{1}",
            instance: "i",
            members: [
                "pointer": .text("/a"), "flags": .list([.flag(true), .number(-1)]), "o": .object(["k": .text("v")]),
            ]
        )
        let expected =
            #"{"type":"/problems/card","title":"内容有误 \"x\"","status":422,"detail":"a\u000a\u0001","instance":"i","#
            + #""flags":[true,-1],"o":{"k":"v"},"pointer":"/a"}"#
        #expect(String(decoding: problem.json, as: UTF8.self) == expected)
    }

    @Test
    func `figures are written as Prometheus reads them`() {
        let metrics = Metrics()
        let counter = metrics.counter("cards_total", help: "Cards\nissued.", labels: ["kind"])
        counter.increment(["a\"b"], by: 2)
        metrics.gauge("open", help: "Open.").set(1.5)
        metrics.histogram("act_seconds", help: "Acts.").observe(.milliseconds(3))
        let text = metrics.text
        #expect(
            text.contains(
                "# HELP cards_total Cards\\nissued.\n# TYPE cards_total counter\ncards_total{kind=\"a\\\"b\"} 2\n"
            )
        )
        #expect(text.contains("open 1.5\n"))
        #expect(text.contains("act_seconds_bucket{le=\"0.0025\"} 0\nact_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("act_seconds_count 1\n"))
    }
}
