import CommandLine
import Cryptography
import Encodings
import Octets
import ServiceClient

/// One call of the service's API as the signed-in clerk.
struct ServiceCall: Sendable {
    /// The service refused: its problem document.
    struct Problem: Error {
        let status: Int
        let title: String
        let detail: String
    }

    let client: Client
    let token: String?

    init(_ folder: DeskFolder) throws {
        client = try folder.client()
        token = folder.token
    }

    /// A write that is repeated under one key until the service has answered it: an outcome that is unknown, or a service
    /// that is away for a moment, is asked again for half a minute and never done twice.
    func write(_ path: String, _ body: JSON) async throws -> JSON {
        try await repeated("POST", path, body, key: Base64.encode(SystemRandom().octets(12), .url))
    }

    /// A read that outlives a service that is away for a moment.
    func read(_ path: String) async throws -> JSON { try await repeated("GET", path, nil, key: nil) }

    private func repeated(_ method: String, _ path: String, _ body: JSON?, key: String?) async throws -> JSON {
        let limit = ContinuousClock.now + .seconds(30)
        while true {
            do {
                return try await send(method, path, body, key: key)
            } catch let problem as Problem where problem.status >= 500 && ContinuousClock.now < limit {
                try await Task.sleep(for: .milliseconds(200))
            } catch let fault as ClientFault where ContinuousClock.now < limit {
                guard case .unreachable = fault else { throw fault }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Sends JSON, gets JSON. `key` makes a repeated write answer as the first time.
    func send(_ method: String, _ path: String, _ body: JSON? = nil, key: String? = nil) async throws -> JSON {
        let answer = try await octets(method, path, body, key: key)
        return answer.isEmpty ? [:] : try JSONReader.read(answer, sizeLimit: 8_388_608)
    }

    /// Sends a file under a key of its own; gets JSON.
    func file(_ path: String, _ body: [UInt8], type: String) async throws -> JSON {
        let key = Base64.encode(SystemRandom().octets(12), .url)
        var fields = ["accept": "application/json", "idempotency-key": key, "content-type": type]
        if let token { fields["authorization"] = "Bearer \(token)" }
        let response = try await client.send("POST", path, fields: fields, body: body)
        let json = try? JSONReader.read(response.body, sizeLimit: 8_388_608)
        guard response.isSuccess, let json else {
            throw Problem(
                status: response.status,
                title: json?["title"]?.string ?? "HTTP \(response.status)",
                detail: json?["detail"]?.string ?? ""
            )
        }
        return json
    }

    /// As `send`, for an answer that is a file.
    func octets(_ method: String, _ path: String, _ body: JSON? = nil, key: String? = nil) async throws -> [UInt8] {
        var fields = ["accept": "application/json"]
        if let token { fields["authorization"] = "Bearer \(token)" }
        if let key { fields["idempotency-key"] = key }
        if body != nil { fields["content-type"] = "application/json" }
        let response = try await client.send(method, path, fields: fields, body: body?.encoded ?? [])
        guard response.isSuccess else {
            let problem = try? JSONReader.read(response.body)
            throw Problem(
                status: response.status,
                title: problem?["title"]?.string ?? "HTTP \(response.status)",
                detail: problem?["detail"]?.string ?? ""
            )
        }
        return response.body
    }
}
