import Encodings
package import HTTP
import Identity
package import Office

/// 居民 Residents: register, look up, look at. Document numbers and names travel in bodies, never in paths or queries.
package enum ResidentRoutes {
    /// Everything under `/api/v1/residents`.
    package static func routes(_ office: Office) -> [Route] {
        [
            Route(.post, "/api/v1/residents", name: "registerResident") { request, _ in
                let staff = try await StaffRequest.read(request, office)
                let done = try await office.performed(
                    RegisterResident(try entered(staff)),
                    by: staff.caller,
                    key: staff.key
                )
                return CardRoutes.receipted(done.answer.json, done.tx, status: 201)
            },
            Route(.post, "/api/v1/residents/search", name: "findResidents") { request, _ in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason", "name", "birth", "document", "phone", "card", "firstCharacter"])
                let act = FindResidents(try search(staff), reason: try reason(staff))
                let done = try await office.performed(act, by: staff.caller)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200).with("cache-control", "no-store")
            },
            Route(.post, "/api/v1/residents/{resident}/look", name: "showResident") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                guard let resident = Int64(try parameters["resident"]) else {
                    throw ProblemWords.problem(.absent(.resident))
                }
                let done = try await office.performed(
                    ShowResident(resident, reason: try reason(staff)),
                    by: staff.caller
                )
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200).with("cache-control", "no-store")
            },
        ]
    }

    private static func reason(_ staff: StaffRequest) throws -> LookReason {
        do throws(Refusal) {
            return try LookReason(staff.body["reason"]?.string ?? "")
        } catch { throw ProblemWords.problem(error) }
    }

    /// One way of searching: the most particular that the body names.
    private static func search(_ staff: StaffRequest) throws -> ResidentSearch {
        if let number = staff.body["document"]?.string { return .document(number) }
        if let number = staff.body["card"]?.string { return .card(number) }
        if let number = staff.body["phone"]?.string { return .phone(number) }
        if let name = staff.body["name"]?.string {
            guard let birth = staff.body["birth"]?.string else { return .name(name) }
            return .nameAndBirth(name, birth)
        }
        if let character = staff.body["firstCharacter"]?.string { return .firstCharacter(character) }
        throw ProblemWords.problem(.invalid(field: "name", .missing))
    }

    private static func entered(_ staff: StaffRequest) throws -> Particulars.Entered {
        try staff.demand([
            "name", "documentType", "documentNumber", "sex", "birthDate", "ethnicGroup", "nationality", "district",
            "phone",
            "address",
        ])
        var entered = Particulars.Entered()
        entered.name = try staff.text("name")
        entered.documentType = try staff.text("documentType")
        entered.documentNumber = try staff.text("documentNumber")
        entered.district = try staff.text("district")
        entered.sex = staff.body["sex"]?.string ?? ""
        entered.birthDate = staff.body["birthDate"]?.string ?? ""
        entered.ethnicGroup = staff.body["ethnicGroup"]?.string ?? ""
        entered.nationality = staff.body["nationality"]?.string ?? ""
        entered.phone = staff.body["phone"]?.string ?? ""
        entered.address = staff.body["address"]?.string ?? ""
        return entered
    }
}
