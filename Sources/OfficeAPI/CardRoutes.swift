import Encodings
package import HTTP
package import Office
import Octets

/// 市民卡 Cards: order, card work at a desk, pictures.
package enum CardRoutes {
    /// Everything under `/api/v1/cards` and `/api/v1/jobs`.
    package static func routes(_ office: Office) -> [Route] {
        [
            Route(.post, "/api/v1/cards", name: "orderCard") { request, _ in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["resident", "kind"])
                guard let resident = Int64(try staff.text("resident")) else {
                    throw ProblemWords.problem(.invalid(field: "resident", .format))
                }
                guard let kind = staff.body["kind"]?.integer, let number = Int16(exactly: kind) else {
                    throw ProblemWords.problem(.invalid(field: "kind", .missing))
                }
                let done = try await office.performed(
                    OrderCard(resident: resident, kind: number),
                    by: staff.caller,
                    key: staff.key
                )
                return receipted(done.answer.json, done.tx, status: 201)
            },
            Route(.post, "/api/v1/cards/{card}/jobs", name: "startCardWork") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["desk", "reader", "purpose"])
                guard let purpose = StartJob.Purpose(rawValue: try staff.text("purpose")) else {
                    throw ProblemWords.problem(.invalid(field: "purpose", .unknown))
                }
                let act = StartJob(
                    card: try reference(parameters),
                    desk: try staff.text("desk"),
                    reader: try staff.text("reader"),
                    purpose: purpose
                )
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return receipted(done.answer.json, done.tx, status: 201)
            },
            Route(.get, "/api/v1/jobs/{job}", name: "showJob") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                return .json(try await look(JobStatus.of(parameters["job"], for: staff.caller, office)).encoded)
            },
            Route(.get, "/api/v1/cards/{card}/artwork.png", name: "showCardPicture") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                let act = ShowArtwork(card: try reference(parameters), form: .png)
                let done = try await office.performed(act, by: staff.caller)
                return .octets(done.answer.octets, mediaType: "image/png").with("cache-control", "no-store")
            },
            Route(.get, "/api/v1/cards/{card}/artwork.pdf", name: "showCardSheet") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                let act = ShowArtwork(card: try reference(parameters), form: .pdf)
                let done = try await office.performed(act, by: staff.caller)
                return .octets(done.answer.octets, mediaType: "application/pdf").with("cache-control", "no-store")
            },
        ]
    }

    static func reference(_ parameters: Parameters) throws -> [UInt8] {
        guard let octets = try? Hex.decode(try parameters["card"]), octets.count == 16 else {
            throw ProblemWords.problem(.absent(.card))
        }
        return octets
    }

    static func receipted(_ answer: JSON, _ tx: [UInt8], status: Int) -> Response {
        let members = (answer.members ?? []) + [JSON.Member("tx", .string(Hex.encode(tx)))]
        return .json(JSON.object(members).encoded, status: status)
    }

    private static func look(_ found: Result<JSON, Refusal>) throws -> JSON {
        do throws(Refusal) { return try found.get() } catch { throw ProblemWords.problem(error) }
    }
}
