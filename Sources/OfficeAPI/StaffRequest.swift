import Cryptography
package import Encodings
package import HTTP
package import Office

/// What every staff route does first: who asks, what was sent, under which idempotency key.
package struct StaffRequest: Sendable {
    package let caller: Caller
    package let body: JSON
    package let key: Office.RequestKey?

    /// What the body of a request is.
    package enum BodyForm: Sendable {
        /// Strict JSON, or nothing.
        case json
        /// A file that the route reads itself.
        case file
    }

    /// Reads a request with `Authorization: Bearer` of a staff session; the body, when there is one, is strict JSON.
    package static func read(
        _ request: Request,
        _ office: Office,
        bodyIs form: BodyForm = .json
    ) async throws -> StaffRequest {
        guard let token = request.credentials("Bearer") else { throw ProblemWords.problem(.credentials) }
        let session: (caller: StaffCaller, formTokenHash: [UInt8])
        do throws(Refusal) { session = try await office.session(token: token) } catch {
            throw ProblemWords.problem(error)
        }
        let body = form == .json ? try json(request) : [:]
        let key = try requestKey(request)
        return StaffRequest(caller: .staff(session.caller), body: body, key: key)
    }

    /// The body as JSON; nothing is an empty object.
    package static func json(_ request: Request) throws -> JSON {
        guard !request.body.isEmpty else { return [:] }
        do throws(JSONReader.Fault) {
            return try JSONReader.read(request.body, sizeLimit: 1_048_576)
        } catch {
            throw Problem(
                400,
                title: "JSON 不符 the body is not the JSON that is due",
                type: "/problems/json",
                detail: "\(error.reason.rawValue) at octet \(error.offset) \(error.pointer)"
            )
        }
    }

    /// A member that must be a text.
    package func text(_ member: String) throws -> String {
        guard let value = body[member]?.string else { throw ProblemWords.problem(.invalid(field: member, .missing)) }
        return value
    }

    /// Refuses members that the route does not know.
    package func demand(_ members: [String]) throws {
        for member in body.members ?? [] where !members.contains(member.name) {
            throw ProblemWords.problem(.invalid(field: member.name, .unknown))
        }
    }

    private static func requestKey(_ request: Request) throws -> Office.RequestKey? {
        guard let key = request.fields["idempotency-key"] else { return nil }
        guard (8...128).contains(key.utf8.count) else {
            throw ProblemWords.problem(.invalid(field: "Idempotency-Key", .length))
        }
        let hash = Digest.sha256.hash(Array(request.label.utf8) + [0] + request.body)
        return Office.RequestKey(key: key, requestHash: hash)
    }
}

extension Request {
    /// Method and target, what an idempotency key is bound to beside the body.
    fileprivate var label: String { "\(method.rawValue) \(target)" }
}

extension Office {
    /// `perform` for a route: a refusal leaves as its problem document.
    package func performed<Command: Act>(
        _ act: Command,
        by caller: Caller,
        key: RequestKey? = nil
    ) async throws -> Receipted<Command.Answer> {
        do throws(Refusal) { return try await perform(act, by: caller, key: key) } catch {
            throw ProblemWords.problem(error)
        }
    }
}
