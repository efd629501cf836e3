import Testing

/// One hostile input and its answers: through the front, and straight on the service's socket.
///
/// The second column shows why the front is a condition: the library below takes what the front refuses.
struct HostileCase: Sendable, CustomTestStringConvertible {
    /// What comes back.
    struct Reply: Sendable, Equatable, CustomStringConvertible {
        let statuses: [Int]
        let isClosed: Bool

        /// Answers on a connection that is kept.
        static func keeps(_ statuses: Int...) -> Reply { Reply(statuses: statuses, isClosed: false) }
        /// Answers, after which the connection is closed.
        static func closes(_ statuses: Int...) -> Reply { Reply(statuses: statuses, isClosed: true) }

        var description: String { "\(statuses)\(isClosed ? " closed" : "")" }
    }

    let number: Int
    let name: String
    let input: [UInt8]
    let front: Reply
    let direct: Reply

    var testDescription: String { "\(number) \(name)" }

    private init(_ number: Int, _ name: String, _ input: [UInt8], _ front: Reply, _ direct: Reply) {
        self.number = number
        self.name = name
        self.input = input
        self.front = front
        self.direct = direct
    }

    private static let form = "grant_type=a&client_id=b&scope=c"
    private static let chunked = "Transfer-Encoding: chunked"
    private static let chunks = "20\r\n\(form)\r\n0\r\n\r\n"

    private static func post(_ fields: String, _ body: String, version: String = "HTTP/1.1") -> [UInt8] {
        let type = "Content-Type: application/x-www-form-urlencoded"
        return Array("POST /token \(version)\r\nHost: localhost\r\n\(type)\r\n\(fields)\r\n\r\n\(body)".utf8)
    }

    private static func get(_ line: String = "GET /ping HTTP/1.1", _ fields: String = "") -> [UInt8] {
        Array("\(line)\r\nHost: localhost\r\n\(fields)\r\n".utf8)
    }

    private static func target(_ target: String) -> [UInt8] { get("GET \(target) HTTP/1.1") }

    private static func length(_ value: String) -> [UInt8] { post("Content-Length: \(value)", form) }

    /// The table, in its order.
    static let all: [HostileCase] = framing + lengths + heads + requestLines + others

    private static let framing: [HostileCase] = [
        .init(1, "good GET", get(), .keeps(200), .keeps(200)),
        .init(2, "good chunked POST", post(chunked, chunks), .keeps(200), .keeps(200)),
        .init(3, "lengths 32 and 0", post("Content-Length: 32\r\nContent-Length: 0", form), .closes(400), .closes(400)),
        .init(4, "length 32 twice", post("Content-Length: 32\r\nContent-Length: 32", form), .closes(400), .closes(400)),
        .init(5, "length list", length("32, 32"), .closes(400), .closes(400)),
        .init(
            6,
            "length and chunked",
            post("Content-Length: 6\r\n\(chunked)", "0\r\n\r\nX"),
            .closes(400),
            .closes(400)
        ),
        .init(
            7,
            "coding xchunked",
            post("Transfer-Encoding: xchunked", "") + get(),
            .closes(501),
            .closes(501)
        ),
        .init(
            8,
            "coding list",
            post("Transfer-Encoding: chunked, identity", "") + get(),
            .closes(501),
            .closes(501)
        ),
        .init(9, "space before colon", post("Transfer-Encoding : chunked", chunks), .closes(400), .closes(400)),
        .init(10, "chunk size zz", post(chunked, "zz\r\n\(form)\r\n0\r\n\r\n"), .closes(400), .closes(400)),
        .init(11, "chunk size 0x20", post(chunked, "0x20\r\n\(form)\r\n0\r\n\r\n"), .closes(400), .closes(400)),
        .init(
            12,
            "chunk size over 64 bits",
            post(chunked, "FFFFFFFFFFFFFFFFF\r\n\(form)\r\n0\r\n\r\n"),
            .closes(400),
            .closes(413)
        ),
        .init(13, "chunk without its end", post(chunked, "20\r\n\(form)XX0\r\n\r\n"), .closes(400), .closes(400)),
    ]

    private static let lengths: [HostileCase] = [
        .init(14, "length -1", length("-1"), .closes(400), .closes(400)),
        .init(15, "length +32", length("+32"), .closes(400), .closes(400)),
        .init(16, "length 0x20", length("0x20"), .closes(400), .closes(400)),
        .init(17, "length over 64 bits", length("18446744073709551648"), .closes(400), .closes(413)),
        .init(34, "length over the limit", length("200000"), .closes(413), .closes(413)),
        .init(35, "body that stalls", post("Content-Length: 46", form), .closes(), .keeps()),
        .init(
            57,
            "one octet over the limit",
            post("Content-Length: 65537", String(repeating: "x", count: 65_537)),
            .closes(413),
            .closes(413)
        ),
        .init(
            58,
            "the limit exactly",
            post("Content-Length: 65536", "a=" + String(repeating: "x", count: 65_534)),
            .keeps(200),
            .keeps(200)
        ),
    ]

    private static let heads: [HostileCase] = [
        .init(18, "NUL in a value", get("GET /ping HTTP/1.1", "X-A: a\0b\r\n"), .closes(400), .keeps(200)),
        .init(20, "bare LF", Array("GET /ping HTTP/1.1\nHost: localhost\n\n".utf8), .keeps(200), .keeps(200)),
        .init(21, "bare CR in a value", get("GET /ping HTTP/1.1", "X-A: a\rb\r\n"), .closes(400), .keeps(400)),
        .init(22, "folded field", get("GET /ping HTTP/1.1", "X-A: a\r\n b\r\n"), .closes(400), .keeps(200)),
        .init(
            23,
            "space before the first field",
            Array("GET /ping HTTP/1.1\r\n Host: localhost\r\n\r\n".utf8),
            .closes(400),
            .closes(400)
        ),
        .init(24, "field without colon", get("GET /ping HTTP/1.1", "X-A\r\n"), .keeps(200), .closes(400)),
        .init(25, "empty field name", get("GET /ping HTTP/1.1", ": foo\r\n"), .closes(400), .keeps(200)),
        .init(26, "no Host", Array("GET /ping HTTP/1.1\r\n\r\n".utf8), .closes(400), .closes(400)),
        .init(27, "two Hosts", get("GET /ping HTTP/1.1", "Host: localhost\r\n"), .closes(400), .keeps(400)),
        .init(
            31,
            "field of 100 kB",
            get("GET /ping HTTP/1.1", "X-A: \(String(repeating: "a", count: 100_000))\r\n"),
            .closes(431),
            .closes(431)
        ),
        .init(
            32,
            "5000 fields",
            get("GET /ping HTTP/1.1", (0..<5_000).map { "X-\($0): a\r\n" }.joined()),
            .closes(431),
            .closes(431)
        ),
        .init(
            56,
            "two Authorizations",
            get("GET /ping HTTP/1.1", "Authorization: a\r\nAuthorization: b\r\n"),
            .closes(400),
            .keeps(400)
        ),
    ]

    private static let requestLines: [HostileCase] = [
        .init(19, "NUL in the target", target("/ping\0.x"), .closes(400), .keeps(200)),
        .init(28, "version 9.9", get("GET /ping HTTP/9.9"), .closes(505), .closes(505)),
        .init(29, "no version", Array("GET /ping\r\n\r\n".utf8), .closes(), .closes(400)),
        .init(30, "control in the method", get("G\u{1}T /ping HTTP/1.1"), .closes(400), .keeps(405)),
        .init(33, "target of 100 kB", target("/" + String(repeating: "a", count: 100_000)), .closes(414), .closes(414)),
        .init(36, "chunked in 1.0", post(chunked, chunks, version: "HTTP/1.0"), .closes(400), .closes(400)),
        .init(38, "two spaces", get("GET  /ping HTTP/1.1"), .keeps(200), .keeps(200)),
        .init(41, "encoded NUL", target("/ping%00.x"), .closes(400), .keeps(400)),
        .init(42, "dots in the middle", target("/a/../ping"), .keeps(400), .keeps(400)),
        .init(43, "encoded dots", target("/a/%2e%2e/ping"), .keeps(400), .keeps(400)),
        .init(44, "encoded slash", target("/a%2fping"), .keeps(400), .keeps(400)),
        .init(45, "dots at the root", target("/../x"), .closes(400), .keeps(400)),
        .init(46, "TRACE", get("TRACE /ping HTTP/1.1"), .closes(405), .keeps(405)),
        .init(47, "CONNECT", get("CONNECT a:443 HTTP/1.1"), .closes(400), .keeps(405)),
        .init(48, "method in small letters", get("get /ping HTTP/1.1"), .closes(400), .keeps(405)),
        .init(59, "tab in the request line", get("GET\t/ping HTTP/1.1"), .closes(400), .closes(400)),
        .init(60, "fragment", target("/ping#x"), .keeps(400), .keeps(400)),
        .init(61, "raw UTF-8 in the path", target("/pïng"), .keeps(400), .keeps(400)),
    ]

    private static let others: [HostileCase] = [
        .init(
            37,
            "chunk extension ended by LF",
            post(chunked, "20;a=b\n\(form)\r\n0\r\n\r\n"),
            .keeps(200),
            .keeps(200)
        ),
        .init(
            39,
            "another site",
            Array("GET /ping HTTP/1.1\r\nHost: evil.example\r\n\r\n".utf8),
            .keeps(421),
            .keeps(200)
        ),
        .init(40, "absolute form", target("http://evil.example/ping"), .keeps(421), .keeps(400)),
        .init(
            49,
            "expects 100",
            post("Expect: 100-continue\r\nContent-Length: 32", form),
            .keeps(100, 200),
            .keeps(100, 200)
        ),
        .init(
            50,
            "underscored field",
            get("GET /ping HTTP/1.1", "X_Client_Verify: SUCCESS\r\n"),
            .keeps(200),
            .keeps(200)
        ),
        .init(
            51,
            "forged certificate",
            get("GET /ping HTTP/1.1", "X-Client-Verify: SUCCESS\r\nX-CLIENT-CERT: x\r\n"),
            .keeps(200),
            .keeps(200)
        ),
        .init(52, "HTTP/1.0 without Host", Array("GET /ping HTTP/1.0\r\n\r\n".utf8), .closes(421), .closes(200)),
        .init(
            53,
            "upgrade",
            get("GET /ping HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
            .keeps(200),
            .keeps(200)
        ),
        .init(54, "two at once", get() + get(), .keeps(200, 200), .keeps(200, 200)),
        .init(
            55,
            "trailer",
            post(chunked, "20\r\n\(form)\r\n0\r\nX-Trailer: a\r\n\r\n"),
            .keeps(200),
            .keeps(200)
        ),
        .init(
            62,
            "HTTP/2 preface",
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8),
            .closes(400),
            .closes(505)
        ),
    ]
}
