import HTTP
import Office
import OfficeAPI

/// 查找页 The start of every case: who is it? The values travel in the body, the result tells namesakes apart.
enum SearchPage {
    private static let names = ["document", "card", "phone", "name", "birth", "reason"]

    static func routes(_ office: Office) -> [Route] {
        [
            Route(
                .get,
                "/console/",
                name: "consoleHome",
                handler: ConsoleRoutes.visited(office) { visit, _ in
                    guard visit.may(FindResidents.name) else { return elsewhere(visit) }
                    return page(visit, form(visit, [:], refused: nil))
                }
            ),
            Route(
                .post,
                "/console/",
                name: "consoleFind",
                handler: ConsoleRoutes.visited(office) { visit, _ in try await find(visit, office) }
            ),
            Route(.get, "/console", name: "consoleDoor") { _, _ in ConsoleRoutes.go("/console/") },
        ]
    }

    private static func find(_ visit: Visit, _ office: Office) async throws -> Response {
        let fields = try visit.form()
        let entered = Dictionary(uniqueKeysWithValues: names.map { ($0, fields[$0]) })
        do throws(Refusal) {
            let act = FindResidents(try search(fields), reason: try LookReason(fields["reason"]))
            let answer = try await office.perform(act, by: visit.by).answer
            return page(
                visit,
                "\(results(answer, visit, reason: fields["reason"]))\(form(visit, entered, refused: nil))"
            )
        } catch {
            guard case .invalid = error, visit.may(FindResidents.name) else { throw error }
            return page(visit, form(visit, entered, refused: error), status: 422)
        }
    }

    /// The most particular value that was entered.
    private static func search(_ fields: Fields) throws(Refusal) -> ResidentSearch {
        if !fields["document"].isEmpty { return .document(fields["document"]) }
        if !fields["card"].isEmpty { return .card(fields["card"]) }
        if !fields["phone"].isEmpty { return .phone(fields["phone"]) }
        guard !fields["name"].isEmpty else { throw .invalid(field: "name", .missing) }
        return fields["birth"].isEmpty ? .name(fields["name"]) : .nameAndBirth(fields["name"], fields["birth"])
    }

    private static func page(_ visit: Visit, _ content: HTML, status: Int = 200) -> Response {
        Page(Words("查找居民", "Find a resident"), for: visit, content).response(status)
    }

    private static func elsewhere(_ visit: Visit) -> Response {
        let content: HTML = """
            <div class="notice"><p>\(Words("您的角色在服务台没有办理事项，请使用命令行程序 citizend。", "Your role has nothing to do at the console: its work is done with the program citizend."))</p></div>
            """
        return Page(Words("服务台", "Console"), for: visit, content).response()
    }

    private static func form(_ visit: Visit, _ entered: [String: String], refused: Refusal?) -> HTML {
        func value(_ name: String) -> String { entered[name] ?? "" }
        let problem = refused.map(ProblemWords.problem)
        let alert: HTML =
            problem.map {
                "<div class=\"notice refused\" role=\"alert\"><p><strong>\($0.title)</strong></p><p>\($0.detail ?? "")</p></div>"
            } ?? .nothing
        return """
            \(alert)
            <form class="card" method="post" action="/console/" autocomplete="off">
            \(visit.formField)
            <p class="lead">\(Words("填写一项即可，同名时再加出生日期。", "One value is enough; add the birth date for namesakes."))</p>
            <div class="columns">
            \(Form.field("name", Words("姓名", "Name"), "maxlength=\"100\"", value: value("name")))
            \(Form.field("birth", Words("出生日期", "Birth date"), "inputmode=\"numeric\" maxlength=\"10\" placeholder=\"1990-02-28\"", value: value("birth")))
            \(Form.field("document", Words("证件号码", "Document number"), "autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"40\"", value: value("document")))
            \(Form.field("phone", Words("手机号码", "Phone"), "inputmode=\"tel\" maxlength=\"24\"", value: value("phone")))
            \(Form.field("card", Words("市民卡号", "Card number"), "inputmode=\"numeric\" maxlength=\"30\"", value: value("card")))
            </div>
            \(Form.field("reason", Words("查询事由", "Reason for the look"), "required maxlength=\"200\"", value: value("reason"), hint: Words("必填，留存备查", "required, and kept")))
            <button class="button main">\(Words("查找", "Search"))</button>
            </form>
            """
    }

    private static func results(_ answer: FindResidents.Answer, _ visit: Visit, reason: String) -> HTML {
        guard !answer.found.isEmpty else {
            return """
                <div class="notice" role="status"><p><strong>\(Words("没有找到", "Nobody found"))</strong></p>
                <p>\(Words("请核对所填内容，或换一项查找。", "Check what was entered, or search by another value."))</p></div>
                """
        }
        let more: HTML =
            answer.isCutOff
            ? "<p class=\"notice\">\(Words("结果太多，只显示前 50 位，请加出生日期。", "Too many: the first 50 are shown. Add the birth date."))</p>"
            : .nothing
        let rows = answer.found.map { row($0, visit, reason: reason) }
        return """
            <section aria-labelledby="found">
            <h2 id="found">\(Words("找到 \(answer.found.count) 位", "\(answer.found.count) found"))</h2>
            \(more)
            <table class="list"><thead><tr><th scope="col">\(Words("姓名", "Name"))</th><th scope="col">\(Words("出生日期", "Birth date"))</th>
            <th scope="col">\(Words("证件", "Document"))</th><th scope="col">\(Words("区划", "District"))</th><th scope="col"><span class="hidden">\(Words("操作", "Action"))</span></th></tr></thead>
            <tbody>\(rows)</tbody></table>
            </section>
            """
    }

    private static func row(_ resident: ResidentSummary, _ visit: Visit, reason: String) -> HTML {
        """
        <tr><th scope="row" data-label="姓名">\(resident.name)</th><td data-label="出生日期">\(resident.birth)</td>
        <td data-label="证件">\(Wording.document(resident.documentType)) <code>\(resident.maskedDocument)</code></td>
        <td data-label="区划">\(resident.district)</td>
        <td class="act"><form method="post" action="/console/residents">\(visit.formField)\(Form.hidden("resident", String(resident.resident)))\(Form.hidden("reason", reason))
        <button class="button">\(Words("打开", "Open"))<span class="hidden"> \(resident.name) \(resident.birth)</span></button></form></td></tr>
        """
    }
}
