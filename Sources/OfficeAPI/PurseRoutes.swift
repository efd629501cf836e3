import Encodings
package import HTTP
package import Office
import Purses

/// 电子钱包 Loads, accounts and the settlement of purchases.
package enum PurseRoutes {
    /// Under `/api/v1/cards/{card}` and `/api/v1/settlements`.
    package static func routes(_ office: Office) -> [Route] {
        [
            Route(.post, "/api/v1/cards/{card}/loads", name: "startLoad") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["desk", "reader", "amountFen"])
                guard let amount = staff.body["amountFen"]?.integer else {
                    throw ProblemWords.problem(.invalid(field: "amountFen", .missing))
                }
                let act = StartLoad(
                    card: try CardRoutes.reference(parameters),
                    desk: try staff.text("desk"),
                    reader: try staff.text("reader"),
                    amountFen: amount
                )
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 201)
            },
            Route(.post, "/api/v1/cards/{card}/loads/reopen", name: "reopenLoad") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                try staff.demand(["reason"])
                let act = ReopenLoad(
                    card: try CardRoutes.reference(parameters),
                    reason: try CardLifeRoutes.reason(staff)
                )
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
            Route(.get, "/api/v1/cards/{card}/purse", name: "showPurse") { request, parameters in
                let staff = try await StaffRequest.read(request, office)
                let card = try CardRoutes.reference(parameters)
                do throws(Refusal) {
                    return .json(try await PurseSheet.of(card, for: staff.caller, office).encoded)
                } catch { throw ProblemWords.problem(error) }
            },
            Route(.post, "/api/v1/settlements", name: "settle", bodyLimit: SettlementFile.sizeLimit) { request, _ in
                let staff = try await StaffRequest.read(request, office, bodyIs: .file)
                let file: SettlementFile
                do throws(SettlementFault) { file = try SettlementFile(request.body) } catch {
                    throw problem(error)
                }
                let act = SettlePurchases(file, octets: request.body)
                let done = try await office.performed(act, by: staff.caller, key: staff.key)
                return CardRoutes.receipted(done.answer.json, done.tx, status: 200)
            },
        ]
    }

    /// The line that is wrong, by its number below the head line.
    private static func problem(_ fault: SettlementFault) -> Problem {
        let (detail, line): (String, Int?) =
            switch fault {
            case .tooLong: ("文件过长 the file is too long", nil)
            case .notUTF8: ("不是 UTF-8 the file is not UTF-8", nil)
            case .head(let part): ("首行不符 the head line does not fit: \(part)", nil)
            case .malformed(let line, let column): ("第 \(line) 行格式不符 line \(line) is malformed: \(column)", line)
            case .altered(let line): ("第 \(line) 行被改动 line \(line) is altered", line)
            case .missing(let line): ("缺第 \(line) 行 line \(line) is missing", line)
            case .doubled(let line): ("第 \(line) 行重复 line \(line) is doubled", line)
            case .count(let stated, let found):
                ("应有 \(stated) 行, 实有 \(found) 行 \(stated) lines stated, \(found) found", nil)
            case .sum(let stated, let found): ("合计不符 \(stated) fen stated, \(found) found", nil)
            case .hash: ("杂凑不符 the hash of the lines differs", nil)
            }
        return Problem(
            422,
            title: "结算文件不符 the settlement file does not hold",
            type: "/problems/settlement",
            detail: detail,
            members: line.map { ["line": .number(Int64($0))] } ?? [:]
        )
    }
}
