import Cards
import HTTP
import Octets
import Office

/// 居民页 One person: particulars, photo, cards and what can be done next. Roles that may not open the file see the
/// cards alone.
enum PersonPage {
    static func routes(_ office: Office) -> [Route] {
        [
            Route(
                .post,
                "/console/residents",
                name: "consoleResident",
                handler: ConsoleRoutes.visited(office) { visit, _ in
                    let fields = try visit.form()
                    guard let resident = Int64(fields["resident"]) else { throw Refusal.absent(.resident) }
                    let reason = try LookReason(fields["reason"])
                    if !visit.may(ShowResident.name), visit.may(ShowCards.name) {
                        let act = ShowCards(resident, reason: reason)
                        return page(try await office.perform(act, by: visit.by).answer, visit)
                    }
                    let act = ShowResident(resident, reason: reason)
                    return page(try await office.perform(act, by: visit.by).answer, visit, office)
                }
            ),
            // A person's page is the answer to a form; its address alone leads to the search.
            Route(
                .get,
                "/console/residents",
                name: "consoleResidentAgain",
                handler: ConsoleRoutes.visited(office) { _, _ in ConsoleRoutes.go("/console/") }
            ),
        ]
    }

    private static func page(_ answer: ShowResident.Answer, _ visit: Visit, _ office: Office) -> Response {
        let content: HTML = """
            <div class="person card">
            \(photo(answer.file.photo))
            \(particulars(answer.file))
            </div>
            \(cards(answer.cards))
            \(order(answer, visit, office))
            """
        return Page(Words(answer.file.name, ""), for: visit, content).response()
    }

    private static func page(_ answer: ShowCards.Answer, _ visit: Visit) -> Response {
        let person = answer.resident
        let facts = Form.facts([
            (Words("出生日期", "Birth date"), "\(person.birth)"),
            (Words("证件", "Document"), "\(Wording.document(person.documentType)) <code>\(person.maskedDocument)</code>"),
        ])
        let content: HTML = "<div class=\"card\">\(facts)</div>\(cards(answer.cards))"
        return Page(Words(person.name, ""), for: visit, content).response()
    }

    private static func photo(_ jpeg: [UInt8]) -> HTML {
        guard !jpeg.isEmpty else {
            return "<div class=\"photo none\"><span>\(Words("无照片", "no photo"))</span></div>"
        }
        return "<img class=\"photo\" alt=\"照片 Photo\" src=\"data:image/jpeg;base64,\(Base64.encode(jpeg))\">"
    }

    private static func particulars(_ file: ResidentFile) -> HTML {
        var facts: [(name: Words, value: HTML)] = [
            (Words("证件类型", "Document"), "\(Wording.document(file.documentType))"),
            (Words("证件号码", "Number"), "<code>\(file.documentNumber)</code>"),
            (Words("性别", "Sex"), "\(Wording.sex(file.sex))"),
            (Words("出生日期", "Birth date"), "\(Wording.date(file.birth))"),
        ]
        let optional = [
            (Words("民族", "Ethnic group"), file.ethnicGroup), (Words("国籍", "Nationality"), file.nationality),
            (Words("区划", "District"), file.district), (Words("手机", "Phone"), file.phone),
            (Words("住址", "Address"), file.address),
        ]
        for (name, value) in optional where !value.isEmpty { facts.append((name, "\(value)")) }
        return Form.facts(facts)
    }

    private static func cards(_ cards: [ShowResident.HeldCard]) -> HTML {
        let title: HTML = "<h2 id=\"cards\">\(Words("市民卡", "Cards"))</h2>"
        guard !cards.isEmpty else {
            return
                "<section aria-labelledby=\"cards\">\(title)<p class=\"notice\">\(Words("还没有市民卡。", "No card yet."))</p></section>"
        }
        let rows = cards.map { card -> HTML in
            """
            <tr><th scope="row" data-label="卡种">\(Wording.kind(number: card.kind))</th><td data-label="卡号"><code>\(card.maskedNumber)</code></td>
            <td data-label="状态">\(Wording.state(card.state))</td><td data-label="申领时间">\(Wording.time(card.orderedAt))</td>
            <td class="act"><a class="button" href="/console/cards/\(card.reference)">\(next(card.state))</a></td></tr>
            """
        }
        return """
            <section aria-labelledby="cards">\(title)
            <table class="list"><thead><tr><th scope="col">\(Words("卡种", "Kind"))</th><th scope="col">\(Words("卡号", "Number"))</th>
            <th scope="col">\(Words("状态", "State"))</th><th scope="col">\(Words("申领时间", "Ordered"))</th><th scope="col"><span class="hidden">\(Words("操作", "Action"))</span></th></tr></thead>
            <tbody>\(rows)</tbody></table></section>
            """
    }

    private static func next(_ state: CardState) -> Words {
        switch state {
        case .ordered, .personalising: Words("去制卡", "Make it")
        case .personalised: Words("去激活", "Activate it")
        case .none, .quarantine, .active, .lost, .reported, .suspended, .damaged, .expired, .replaced, .pendingRefund,
            .cancelled, .destroyed:
            Words("查看", "Look")
        }
    }

    private static func order(_ answer: ShowResident.Answer, _ visit: Visit, _ office: Office) -> HTML {
        guard visit.may(OrderCard.name) else { return .nothing }
        let taken = answer.cards.filter { $0.state.isLive || $0.state.isUnderWay }.map(\.kind)
        let kinds = CardKind.allCases.filter { !taken.contains($0.rawValue) }
        guard !kinds.isEmpty else { return .nothing }
        let options = kinds.map { (value: String($0.rawValue), line: Wording.kind($0).line) }
        return """
            <section aria-labelledby="order"><h2 id="order">\(Words("申领新卡", "Order a card"))</h2>
            <form class="card inline" method="post" action="/console/cards">
            \(visit.formField)\(office.keyField())\(Form.hidden("resident", String(answer.resident)))
            \(Form.choice("kind", Words("卡种", "Kind of card"), options))
            <button class="button main">\(Words("申领", "Order"))</button>
            </form></section>
            """
    }
}

extension CardState {
    /// Counted as the one card of a kind that is being made.
    fileprivate var isUnderWay: Bool { [.ordered, .personalising, .quarantine, .personalised].contains(self) }
}
