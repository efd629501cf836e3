import CommandLine
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

    /// Sends JSON, gets JSON. `key` makes a repeated write answer as the first time.
    func send(_ method: String, _ path: String, _ body: JSON? = nil, key: String? = nil) async throws -> JSON {
        let answer = try await octets(method, path, body, key: key)
        return answer.isEmpty ? [:] : try JSONReader.read(answer, sizeLimit: 8_388_608)
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
