import CardEngine
import Cryptography
import Database
import Encodings
package import HTTP
package import Office

/// 制卡中继 The desk agents' long poll, on the mutual-TLS side alone (CC-1, 4.2).
package enum RelayRoutes {
    /// hello, next, result.
    package static func routes(_ office: Office, _ relay: RelayService) -> [Route] {
        [
            Route(.post, "/api/v1/perso/hello", name: "deskHello", on: [.desk]) { request, _ in
                let desk = try await desk(request, office)
                let body = try StaffRequest.json(request)
                let readers = JSONText((body["readers"] ?? []).text)
                try await office.database.execute(
                    "UPDATE desk SET readers = \(readers), seen_at = \(office.now) WHERE desk_id = \(desk.id)"
                )
                let answer: JSON = [
                    "deskId": .string(desk.id), "serverTime": .integer(office.now.microseconds / 1_000_000),
                    "pollSeconds": 20,
                ]
                return .json(answer.encoded)
            },
            Route(.post, "/api/v1/perso/next", name: "deskNext", on: [.desk]) { request, _ in
                let desk = try await desk(request, office)
                let body = try StaffRequest.json(request)
                guard let reader = body["reader"]?.string else {
                    throw ProblemWords.problem(.invalid(field: "reader", .missing))
                }
                // Waits for a job, shorter than the front's patience; the agent asks again.
                let patience = ContinuousClock.now + .seconds(20)
                repeat {
                    let reply = try await answered {
                        try await relay.next(desk: desk.id, hall: desk.hall, reader: reader)
                    }
                    if case .idle = reply {
                        try await Task.sleep(for: .milliseconds(100))
                        continue
                    }
                    return response(reply)
                } while ContinuousClock.now < patience
                return .noContent
            },
            Route(.post, "/api/v1/perso/result", name: "deskResult", on: [.desk], bodyLimit: 262_144) { request, _ in
                let desk = try await desk(request, office)
                let body = try StaffRequest.json(request)
                let result: RelayResult
                do throws(RelayResult.Fault) {
                    result = try RelayResult(body)
                } catch { throw ProblemWords.problem(.invalid(field: error.member, .format)) }
                guard result.desk == desk.id else { throw ProblemWords.problem(.absent(.desk)) }
                return response(try await answered { try await relay.answer(result, desk: desk.id) })
            },
        ]
    }

    /// The desk of the client certificate, by the fingerprint in its row: a lost desk key stops at once.
    private static func desk(_ request: Request, _ office: Office) async throws -> (id: String, hall: String) {
        guard let pem = request.clientCertificatePEM, let certificate = try? Certificate(pem: pem) else {
            throw ProblemWords.problem(.credentials)
        }
        do throws(DatabaseFault) {
            let row = try await office.database.maybe(
                "SELECT desk_id, hall FROM desk WHERE fingerprint = \(certificate.fingerprint) AND state = 1"
            )
            guard let row else { throw DatabaseFault.noRow }
            return (try row.value("desk_id"), try row.value("hall"))
        } catch {
            throw ProblemWords.problem(error == .noRow ? .credentials : Refusal(error))
        }
    }

    private static func answered(_ work: () async throws -> RelayService.Reply) async throws -> RelayService.Reply {
        do {
            return try await work()
        } catch let refusal as Refusal {
            throw ProblemWords.problem(refusal)
        } catch let fault as DatabaseFault {
            throw ProblemWords.problem(Refusal(fault))
        }
    }

    private static func response(_ reply: RelayService.Reply) -> Response {
        switch reply {
        case .idle: return .noContent
        case .batch(let text): return .json(JSON.object([.init("batch", .string(text))]).encoded)
        case .ended(let ending): return .json(JSON.object([.init("ended", .string(ending.rawValue))]).encoded)
        }
    }
}
