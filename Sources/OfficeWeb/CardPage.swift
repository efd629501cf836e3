import Cards
import HTTP
import Octets
import Office
import OfficeAPI

/// 卡片页 One card: where it stands, its work so far, and what the caller can do with it now. No personal data but the
/// picture of its face, which is asked for on its own.
enum CardPage {
    static func routes(_ office: Office) -> [Route] {
        [
            Route(
                .post,
                "/console/cards",
                name: "consoleOrderCard",
                handler: ConsoleRoutes.visited(office) { visit, _ in
                    let fields = try visit.form()
                    guard let resident = Int64(fields["resident"]) else { throw Refusal.absent(.resident) }
                    guard let kind = Int16(fields["kind"]) else { throw Refusal.invalid(field: "kind", .unknown) }
                    let key = try fields.requestKey("order", ["resident", "kind"])
                    let act = OrderCard(resident: resident, kind: kind)
                    let card = try await office.perform(act, by: visit.by, key: key).answer.card
                    return ConsoleRoutes.go("/console/cards/\(card)")
                }
            ),
            Route(
                .get,
                "/console/cards/{card}",
                name: "consoleCard",
                handler: ConsoleRoutes.visited(office) { visit, parameters in
                    let sheet = try await CardSheet.of(CardReference.read(parameters), for: visit.caller, office)
                    return try await page(sheet, visit, office)
                }
            ),
            Route(
                .get,
                "/console/cards/{card}/face.png",
                name: "consoleCardFace",
                handler: ConsoleRoutes.visited(office) { visit, parameters in
                    let act = ShowArtwork(card: try CardReference.read(parameters), form: .png)
                    let octets = try await office.perform(act, by: visit.by).answer.octets
                    return Page.secured(.octets(octets, mediaType: "image/png"))
                }
            ),
        ]
    }

    private static func page(_ sheet: CardSheet, _ visit: Visit, _ office: Office) async throws -> Response {
        let facts = Form.facts([
            (Words("卡种", "Kind"), "\(Wording.kind(sheet.kind))"), (Words("状态", "State"), Wording.state(sheet.state)),
            (Words("申领时间", "Ordered"), "\(Wording.time(sheet.orderedAt))"),
            (Words("卡片编号", "Reference"), "<code>\(String(sheet.reference.prefix(12)))</code>"),
        ])
        let content: HTML = """
            <div class="card">\(facts)</div>
            \(try await next(sheet, visit, office))
            \(face(sheet.reference, isDrawn: sheet.hasArtwork, visit))
            \(works(sheet, visit))
            """
        return Page(Words("市民卡", "Card"), for: visit, content).response()
    }

    /// The picture of the face, for whom policy lets see it.
    static func face(_ reference: String, isDrawn: Bool, _ visit: Visit) -> HTML {
        guard isDrawn, visit.may(ShowArtwork.name) else { return .nothing }
        return """
            <section aria-labelledby="face"><h2 id="face">\(Words("卡面", "Card face"))</h2>
            <img class="face" src="/console/cards/\(reference)/face.png" alt="卡面图 Picture of the card's face"></section>
            """
    }

    /// What can be done now: the work a desk may begin, or why there is none.
    private static func next(_ sheet: CardSheet, _ visit: Visit, _ office: Office) async throws -> HTML {
        if let job = sheet.openJob, visit.may(JobSheet.permission) {
            return """
                <div class="notice" role="status"><p>\(Words("此卡有未完成的任务。", "This card has an open job."))</p>
                <p><a class="button main" href="/console/jobs/\(job.name)">\(Words("查看进度", "See its progress"))</a></p></div>
                """
        }
        guard let purpose = purpose(sheet.state) else { return "<p class=\"notice\">\(remark(sheet.state))</p>" }
        guard visit.may(StartJob.name), visit.may(HallDesks.permission) else { return .nothing }
        let desks = try await HallDesks.of(visit.caller, office)
        return WorkForm.html(card: sheet.reference, purpose, desks, visit, office)
    }

    private static func purpose(_ state: CardState) -> StartJob.Purpose? {
        switch state {
        case .ordered, .personalising: .issue
        case .personalised: .activate
        case .none, .quarantine, .active, .lost, .reported, .suspended, .damaged, .expired, .replaced, .pendingRefund,
            .cancelled, .destroyed:
            nil
        }
    }

    private static func remark(_ state: CardState) -> Words {
        switch state {
        case .quarantine: Words("此卡已隔离，请交主管处理。", "This card is set aside: hand it to a supervisor.")
        case .active: Words("此卡使用正常。", "This card is in use.")
        case .lost, .reported: Words("此卡已挂失。", "This card is reported lost.")
        case .none, .ordered, .personalising, .personalised, .suspended, .damaged, .expired, .replaced, .pendingRefund,
            .cancelled, .destroyed:
            Words("此状态下本窗口没有可办事项。", "There is nothing to do at this counter in this state.")
        }
    }

    private static func works(_ sheet: CardSheet, _ visit: Visit) -> HTML {
        guard !sheet.jobs.isEmpty, visit.may(JobSheet.permission) else { return .nothing }
        let rows = sheet.jobs.map { job -> HTML in
            let purpose = StartJob.Purpose(rawValue: job.purpose).map(Wording.purpose) ?? Words(job.purpose, "")
            return """
                <tr><th scope="row" data-label="任务"><a href="/console/jobs/\(job.name)">\(job.name)</a></th><td data-label="事项">\(purpose)</td>
                <td data-label="状态">\(Wording.state(job.state))</td><td data-label="开始">\(Wording.time(job.startedAt))</td></tr>
                """
        }
        return """
            <section aria-labelledby="works"><h2 id="works">\(Words("任务记录", "Jobs"))</h2>
            <table class="list"><thead><tr><th scope="col">\(Words("任务", "Job"))</th><th scope="col">\(Words("事项", "Work"))</th>
            <th scope="col">\(Words("状态", "State"))</th><th scope="col">\(Words("开始", "Begun"))</th></tr></thead><tbody>\(rows)</tbody></table></section>
            """
    }
}
