import Encodings
package import HTTP
package import Office
import Octets

/// 卡片变更 What happens to a card after it was made: loss, lift, freeze, replacement, renewal, cancellation, destruction.
package enum CardLifeRoutes {
    /// Under `/api/v1/cards/{card}`.
    package static func routes(_ office: Office) -> [Route] {
        loss(office) + service(office) + ends(office)
    }

    private static func loss(_ office: Office) -> [Route] {
        [
            Route(.post, "/api/v1/cards/{card}/loss", name: "reportLoss") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["form", "reason"])
                let card = try CardRoutes.reference(parameters)
                let reason = try reason(staff)
                let done =
                    switch try staff.text("form") {
                    case "oral":
                        try await office.performed(
                            ReportOralLoss(card: card, reason: reason),
                            by: staff.caller,
                            key: staff.key
                        )
                    case "formal":
                        try await office.performed(
                            ReportFormalLoss(card: card, reason: reason),
                            by: staff.caller,
                            key: staff.key
                        )
                    default: throw ProblemWords.problem(.invalid(field: "form", .unknown))
                    }
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
            Route(.post, "/api/v1/cards/{card}/loss/challenge", name: "challengeCard") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand([])
                let card = try CardRoutes.reference(parameters)
                let challenge: [UInt8]
                do throws(Refusal) {
                    challenge = try await PresenceProof.challenge(for: card, of: staff.caller, office)
                } catch { throw ProblemWords.problem(error) }
                let answer: JSON = [
                    "challenge": .string(Hex.encode(challenge)),
                    "digest": .string(Hex.encode(PresenceProof.digest(of: challenge, card: card))),
                    "lifetimeSeconds": .integer(PresenceProof.lifetimeSeconds),
                ]
                return .json(answer.encoded)
            },
            Route(.post, "/api/v1/cards/{card}/loss/lift", name: "liftLoss") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["challenge", "signature", "reason"])
                let proof = PresenceProof(
                    challenge: try octets("challenge", staff),
                    signature: try octets("signature", staff)
                )
                let act = LiftLossReport(
                    card: try CardRoutes.reference(parameters),
                    proof: proof,
                    reason: try reason(staff)
                )
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
        ]
    }

    private static func service(_ office: Office) -> [Route] {
        [
            Route(.post, "/api/v1/cards/{card}/suspension", name: "suspendCard") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                let act = SuspendCard(card: try CardRoutes.reference(parameters), reason: try reason(staff))
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
            Route(.post, "/api/v1/cards/{card}/suspension/lift", name: "resumeCard") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                let act = ResumeCard(card: try CardRoutes.reference(parameters), reason: try reason(staff))
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
            Route(.post, "/api/v1/cards/{card}/damage", name: "markDamaged") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                let act = MarkDamaged(card: try CardRoutes.reference(parameters), reason: try reason(staff))
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
            Route(.post, "/api/v1/cards/{card}/replacement", name: "replaceCard") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                let act = ReplaceCard(card: try CardRoutes.reference(parameters), reason: try reason(staff))
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 201)
            },
            Route(.post, "/api/v1/cards/{card}/renewal", name: "renewCard") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                let act = RenewCard(card: try CardRoutes.reference(parameters), reason: try reason(staff))
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 201)
            },
        ]
    }

    private static func ends(_ office: Office) -> [Route] {
        [
            Route(.post, "/api/v1/cards/{card}/recall", name: "recallCard") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                let act = RecallCard(card: try CardRoutes.reference(parameters), reason: try reason(staff))
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
            Route(.post, "/api/v1/cards/{card}/cancellation", name: "cancelCard") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                let act = CancelCard(card: try CardRoutes.reference(parameters), reason: try reason(staff))
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
            Route(.post, "/api/v1/cards/{card}/quarantine/lift", name: "resumeQuarantined") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason", "witness"])
                let act = ResumeQuarantined(
                    card: try CardRoutes.reference(parameters),
                    second: try await second(staff, office),
                    reason: try reason(staff)
                )
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
            Route(.post, "/api/v1/cards/{card}/destruction", name: "destroyCard") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason", "witness"])
                let act = DestroyCard(
                    card: try CardRoutes.reference(parameters),
                    second: try await second(staff, office),
                    reason: try reason(staff)
                )
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
        ]
    }

    static func reason(_ staff: StaffRequest) throws -> CaseReason {
        do throws(Refusal) { return try CaseReason(staff.body["reason"]?.string ?? "") } catch {
            throw ProblemWords.problem(error)
        }
    }

    private static func octets(_ member: String, _ staff: StaffRequest) throws -> [UInt8] {
        guard let octets = try? Hex.decode(try staff.text(member)), (1...128).contains(octets.count) else {
            throw ProblemWords.problem(.invalid(field: member, .format))
        }
        return octets
    }

    /// The witness has signed in too and gives the session's token in the body.
    private static func second(_ staff: StaffRequest, _ office: Office) async throws -> SecondPerson {
        let token = try staff.text("witness")
        do throws(Refusal) { return SecondPerson(try await office.session(token: token).caller) } catch {
            throw ProblemWords.problem(error)
        }
    }
}
