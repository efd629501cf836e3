import Cards
import HTTP
import Office
import OfficeAPI

/// 任务页 Guided card work: the phases of one job with what to do now, live where a script runs, by reloading where none
/// does.
enum JobPage {
    static func routes(_ office: Office) -> [Route] {
        [
            Route(
                .get,
                "/console/jobs",
                name: "consoleJobs",
                handler: ConsoleRoutes.visited(office) { visit, _ in
                    list(try await JobSheet.ofHall(visit.caller, office), visit)
                }
            ),
            Route(
                .post,
                "/console/jobs",
                name: "consoleStartWork",
                handler: ConsoleRoutes.visited(office) { visit, _ in
                    let job = try await WorkForm.begin(try visit.form(), visit, office)
                    return ConsoleRoutes.go("/console/jobs/\(job)")
                }
            ),
            Route(
                .get,
                "/console/jobs/{job}",
                name: "consoleJob",
                handler: ConsoleRoutes.visited(office) { visit, parameters in
                    let job = try await JobSheet.of(try parameters["job"], for: visit.caller, office)
                    return try await page(job, visit, office)
                }
            ),
            Route(
                .get,
                "/console/progress/{job}",
                name: "consoleProgress",
                handler: ConsoleRoutes.visited(office) { visit, parameters in
                    let job = try await JobSheet.of(try parameters["job"], for: visit.caller, office)
                    return Page.secured(.events { await Progress(job, for: visit.caller, visit.token, office).run($0) })
                }
            ),
        ]
    }

    private static func page(_ job: JobSheet, _ visit: Visit, _ office: Office) async throws -> Response {
        let source: HTML = job.state.isOpen ? " data-source=\"/console/progress/\(job.name)\"" : .nothing
        let facts = Form.facts([
            (Words("任务", "Job"), "<code>\(job.name)</code>"),
            (Words("窗口", "Desk"), "\(job.desk)"), (Words("读卡器", "Reader"), "\(job.reader)"),
            (Words("开始", "Begun"), "\(Wording.time(job.startedAt))"),
            (
                Words("卡", "Card"),
                "<a href=\"/console/cards/\(job.card)\"><code>\(String(job.card.prefix(12)))</code></a>"
            ),
        ])
        let content: HTML = """
            <div id="progress"\(source)>
            <div id="instruction" role="status" aria-live="polite">\(instruction(job))</div>
            <div id="stages">\(stages(job))</div>
            </div>
            \(reload(job))
            \(try await next(job, visit, office))
            <div class="card">\(facts)</div>
            """
        return Page(Wording.purpose(job.purpose), for: visit, content).response()
    }

    /// What the clerk does now, in one sentence.
    static func instruction(_ job: JobSheet) -> HTML {
        let (tone, words) = advice(job)
        return """
            <div class="notice \(tone)"><p>\(Wording.state(job.state))</p><p class="advice">\(words)</p></div>
            """
    }

    /// The stages as a list with what is done, what is under way and what is to come.
    static func stages(_ job: JobSheet) -> HTML {
        let stages = Stage.all(job.purpose)
        let done = Stage.done(job)
        let isMoving = job.state == .running || job.state == .unknown
        let items = stages.enumerated().map { index, stage -> HTML in
            let (mark, words): (String, Words) =
                if index < done {
                    ("done", Words("已完成", "done"))
                } else if index == done, isMoving {
                    ("current", Words("进行中", "under way"))
                } else {
                    ("ahead", Words("未开始", "to come"))
                }
            let current: HTML = mark == "current" ? " aria-current=\"step\"" : ""
            return """
                <li class="\(mark)"\(current)><span class="mark" aria-hidden="true"></span><span>\(stage.words)</span><span class="hidden"> \(words.line)</span></li>
                """
        }
        let again: HTML =
            job.resumes > 0
            ? "<p class=\"small\">\(Words("已续作 \(job.resumes) 次", "resumes: \(job.resumes)"))</p>" : .nothing
        return """
            <progress max="\(stages.count)" value="\(done)" aria-label="进度 Progress">\(done)/\(stages.count)</progress>
            <ol class="stages">\(items)</ol>\(again)
            """
    }

    private static func advice(_ job: JobSheet) -> (tone: String, words: Words) {
        switch job.state {
        case .queued, .assigned:
            job.purpose == .issue
                ? ("", Words("请把空白卡放在读卡器上。", "Put a blank card on the reader."))
                : ("", Words("请把这张卡放在读卡器上。", "Put this card on the reader."))
        case .running:
            job.purpose == .activate && job.phase == "holder-pin"
                ? ("", Words("请持卡人在窗口键盘上设置密码。", "The holder sets the PIN at the desk's keypad."))
                : ("", Words("正在写卡，请勿移动卡片。", "The card is being written: do not move it."))
        case .unknown:
            (
                "warn",
                Words(
                    "卡片中途离开。请放回同一张卡，任务会自动接续。",
                    "The card was taken away. Put the same card back: the job goes on by itself."
                )
            )
        case .printing: ("", Words("正在打印卡面。", "The face is being printed."))
        case .ready: ("good", Words("制卡完成并已读回核对，等待领取。", "Made, read back and compared: ready to collect."))
        case .done:
            job.purpose == .activate
                ? ("good", Words("已激活，可以交给持卡人。", "Active: hand it to its holder."))
                : ("good", Words("任务已完成。", "The job is done."))
        case .quarantine where job.purpose == .load:
            (
                "refused",
                Words(
                    "此次圈存结果待核，请交主管处理，勿重复充值。",
                    "The outcome of this load is not known: give it to a supervisor, do not load again."
                )
            )
        case .cancelled where job.purpose == .load:
            ("warn", Words("未充入任何金额。", "Nothing was loaded."))
        case .quarantine:
            (
                "refused",
                Words("此卡有误，请单独存放并交主管处理，勿再使用。", "This card is set aside: keep it apart and give it to a supervisor.")
            )
        case .cancelled:
            ("warn", Words("任务未完成即结束，可换一张空白卡重新开始。", "The job ended without a card: begin again with another blank."))
        }
    }

    private static func reload(_ job: JobSheet) -> HTML {
        guard job.state.isOpen else { return .nothing }
        return """
            <p><a class="button" href="/console/jobs/\(job.name)">\(Words("刷新进度", "Reload"))</a></p>
            """
    }

    /// What follows when the job has ended: the picture and the activation, or another attempt.
    private static func next(_ job: JobSheet, _ visit: Visit, _ office: Office) async throws -> HTML {
        guard !job.state.isOpen else { return .nothing }
        guard visit.may(CardSheet.permission) else { return .nothing }
        let sheet = try await CardSheet.of(CardReference.octets(job.card), for: visit.caller, office)
        var pieces = [CardPage.face(job.card, isDrawn: sheet.hasArtwork, visit)]
        let purpose: StartJob.Purpose? =
            switch (sheet.state, sheet.openJob) {
            case (_, _?): nil
            case (.ordered, _), (.personalising, _): .issue
            case (.personalised, _): .activate
            default: nil
            }
        if let purpose, visit.may(StartJob.name), visit.may(HallDesks.permission) {
            let desks = try await HallDesks.of(visit.caller, office)
            let chosen = WorkForm.place(job.desk, job.reader)
            pieces.append(WorkForm.html(card: job.card, purpose, desks, chosen: chosen, visit, office))
        }
        return "\(pieces)"
    }

    private static func list(_ jobs: [JobSheet], _ visit: Visit) -> Response {
        let rows = jobs.map { job -> HTML in
            """
            <tr><th scope="row" data-label="任务"><a href="/console/jobs/\(job.name)">\(job.name)</a></th><td data-label="事项">\(Wording.purpose(job.purpose))</td>
            <td data-label="窗口">\(job.desk) · \(job.reader)</td><td data-label="状态">\(Wording.state(job.state))</td><td data-label="开始">\(Wording.time(job.startedAt))</td></tr>
            """
        }
        let content: HTML =
            rows.isEmpty
            ? "<p class=\"notice\">\(Words("本厅还没有制卡任务。", "No job in this hall yet."))</p>"
            : """
            <table class="list"><thead><tr><th scope="col">\(Words("任务", "Job"))</th><th scope="col">\(Words("事项", "Work"))</th>
            <th scope="col">\(Words("窗口", "Desk"))</th><th scope="col">\(Words("状态", "State"))</th><th scope="col">\(Words("开始", "Begun"))</th></tr></thead>
            <tbody>\(rows)</tbody></table>
            """
        return Page(Words("制卡任务", "Card jobs"), for: visit, content).response()
    }
}
