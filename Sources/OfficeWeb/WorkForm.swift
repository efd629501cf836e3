import HTTP
import Office

/// 开始任务 The form that begins the work of a desk: which reader, and what shall be done there.
enum WorkForm {
    /// A reader of a desk in one value of a form: desks have no slash in their names.
    static func place(_ desk: String, _ reader: String) -> String { "\(desk)/\(reader)" }

    /// The form, or why none of the hall's desks can work.
    static func html(
        card: String,
        _ purpose: StartJob.Purpose,
        _ desks: [HallDesks.Desk],
        chosen: String? = nil,
        _ visit: Visit,
        _ office: Office
    ) -> HTML {
        let title =
            switch purpose {
            case .issue: Words("制卡", "Make the card")
            case .activate: Words("领卡激活", "Activate the card")
            case .load: Words("圈存", "Load the purse")
            }
        let lead =
            switch purpose {
            case .issue: Words("选择窗口和读卡器，放入空白卡后开始。", "Choose desk and reader, put in a blank card, begin.")
            case .activate: Words("请持卡人到场，在窗口自行设置密码。", "The holder must be present and sets the PIN at the desk.")
            case .load: Words("选择窗口和读卡器，放入市民卡后开始。", "Choose desk and reader, put in the card, begin.")
            }
        let options = desks.flatMap { desk in
            desk.readers.map { (value: place(desk.name, $0), line: "\(desk.name) · \($0)") }
        }
        let body: HTML
        if options.isEmpty {
            body = """
                <p class="notice">\(Words("本厅没有已连接的窗口：请先在窗口电脑上启动 citizen-desk agent，再刷新本页。", "No desk of this hall is connected: start citizen-desk agent on its computer, then reload."))</p>
                """
        } else {
            body = """
                <p class="lead">\(lead)</p>
                <form class="card inline" method="post" action="/console/jobs">
                \(visit.formField)\(office.keyField())\(Form.hidden("card", card))\(Form.hidden("purpose", purpose.rawValue))
                \(Form.choice("place", Words("窗口与读卡器", "Desk and reader"), options, chosen: chosen))
                <button class="button main">\(Words("开始", "Begin"))</button>
                </form>
                """
        }
        return "<section aria-labelledby=\"work\"><h2 id=\"work\">\(title)</h2>\(body)</section>"
    }

    /// Begins the work that the form asks for; the reader must be one that a desk of the caller's hall has named.
    static func begin(_ fields: Fields, _ visit: Visit, _ office: Office) async throws -> String {
        guard let purpose = StartJob.Purpose(rawValue: fields["purpose"]) else {
            throw Refusal.invalid(field: "purpose", .unknown)
        }
        let key = try fields.requestKey("work", ["card", "place", "purpose"])
        let card = try CardReference.octets(fields["card"])
        guard visit.may(StartJob.name) else {
            // The door refuses and keeps the refusal.
            let act = StartJob(card: card, desk: "", reader: "", purpose: purpose)
            return try await office.perform(act, by: visit.by, key: key).answer.job
        }
        let desks = try await HallDesks.of(visit.caller, office)
        let chosen = desks.lazy.flatMap { desk in desk.readers.map { (desk: desk.name, reader: $0) } }
            .first { place($0.desk, $0.reader) == fields["place"] }
        guard let chosen else { throw Refusal.absent(.desk) }
        let act = StartJob(card: card, desk: chosen.desk, reader: chosen.reader, purpose: purpose)
        return try await office.perform(act, by: visit.by, key: key).answer.job
    }
}
