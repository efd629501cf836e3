/// One answer: status, header fields, and octets or a stream of events.
package struct Response: Sendable {
    /// What follows the head.
    package enum Body: Sendable {
        case octets([UInt8])
        case events(EventStream)
    }

    /// The status, 200 to 599.
    package var status: Int
    /// The header fields; length, date and connection are the server's.
    package var fields: HeaderFields
    /// The body.
    package var body: Body

    /// An answer in full.
    package init(_ status: Int, fields: HeaderFields = HeaderFields(), body: Body = .octets([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A JSON text that the caller has encoded.
    package static func json(_ octets: [UInt8], status: Int = 200) -> Response {
        Response(status, fields: ["content-type": "application/json"], body: .octets(octets))
    }

    /// A page.
    package static func html(_ text: String, status: Int = 200) -> Response {
        Response(status, fields: ["content-type": "text/html; charset=utf-8"], body: .octets(Array(text.utf8)))
    }

    /// Octets of any media type.
    package static func octets(_ octets: [UInt8], mediaType: String, status: Int = 200) -> Response {
        Response(status, fields: ["content-type": mediaType], body: .octets(octets))
    }

    /// A plain text.
    package static func text(_ text: String, status: Int = 200) -> Response {
        .octets(Array(text.utf8), mediaType: "text/plain; charset=utf-8", status: status)
    }

    /// A problem document with its own status.
    package static func problem(_ problem: Problem) -> Response {
        .octets(problem.json, mediaType: "application/problem+json", status: problem.status)
    }

    /// 303 to another place, fetched with GET (RFC 9110, 15.4.4).
    package static func seeOther(_ location: String) -> Response { Response(303, fields: ["location": location]) }

    /// 204.
    package static var noContent: Response { Response(204) }

    /// A stream of events. The closure runs once the head is out, and is cancelled when the client has gone; the
    /// stream ends when it returns.
    package static func events(_ produce: @escaping @Sendable (EventStream) async -> Void) -> Response {
        let fields: HeaderFields = [
            "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no",
        ]
        return Response(200, fields: fields, body: .events(EventStream(produce)))
    }

    /// The same answer with one field set in place of all of its name.
    package func with(_ name: String, _ value: String) -> Response {
        var copy = self
        copy.fields.set(name, value)
        return copy
    }

    /// The same answer with one more cookie.
    package func with(_ cookie: SetCookie) -> Response {
        var copy = self
        copy.fields.append("set-cookie", cookie.fieldValue)
        return copy
    }
}
