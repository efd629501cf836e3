import Cards
import Database
import HTTP
import Office
import Testing

@testable import OfficeWeb

@Suite("制卡 guided card work")
struct CardWorkTests {
    @Test
    func `a card is ordered once, made at a desk of the hall and activated there`() async throws {
        let console = try await ConsoleOffice()
        try await console.addDesk()
        try await console.addDesk("desk-9", hall: "H2")
        let resident = try await console.addResident("张三", "320100190001019070")
        let browser = TestBrowser(console.router)
        _ = try await browser.signIn(try await console.addStaff("clerk"), console)
        let person = try await browser.post("/console/residents", ["resident": String(resident), "reason": "制卡"])
        let order = ["resident": String(resident), "kind": "1", "key": person.hidden("key")]
        let first = try await browser.post("/console/cards", order)
        let again = try await browser.post("/console/cards", order)
        #expect(first.status == 303 && first.location == again.location)
        let other = try await browser.post("/console/cards", order.merging(["kind": "2"]) { $1 })
        #expect(other.status == 422)
        let taken = try await browser.post("/console/cards", order.merging(["key": "another-key"]) { $1 })
        #expect(taken.status == 409 && taken.text.contains("已有同类卡在制") && taken.text.contains("怎么办"))

        let card = try await browser.get(first.location)
        #expect(card.text.contains("desk-1 · Reader &lt;0&gt;") && !card.text.contains("desk-9"))
        var work = [
            "card": card.hidden("card"), "purpose": card.hidden("purpose"), "key": card.hidden("key"),
            "place": "desk-9/Reader 1",
        ]
        #expect(try await browser.post("/console/jobs", work).status == 404)
        work["place"] = "desk-1/Reader 1"
        let begun = try await browser.post("/console/jobs", work)
        #expect(begun.status == 303 && begun.location.hasPrefix("/console/jobs/J-"))
        #expect(try await browser.post("/console/jobs", work).location == begun.location)
        let same = try await browser.post("/console/jobs", work.merging(["key": "another-key"]) { $1 })
        #expect(same.location == begun.location)
        try await refuseAnotherCard(on: "desk-1/Reader 1", in: console, browser)

        let name = begun.location.replacing("/console/jobs/", with: "")
        let progress = try await browser.get("/console/progress/\(name)")
        #expect(progress.isStream && progress.fields["content-type"] == "text/event-stream")
        #expect(try await browser.get("/console/jobs").text.contains(name))
        #expect(try await browser.get(first.location).text.contains(begun.location))
        try await states(of: name, in: console, browser)

        // Made: the page offers the activation on the same reader.
        try await console.owner.execute("UPDATE perso_job SET state = 'READY', phase = 'finished' WHERE name = \(name)")
        try await moveCard(to: [2, 4], console)
        let ready = try await browser.get(begun.location)
        #expect(ready.text.contains("制卡完成") && ready.hidden("purpose") == "activate")
        #expect(ready.text.contains("value=\"desk-1/Reader 1\" selected"))
        #expect(!ready.text.contains("face.png"))
        try await draw(console, resident)
        let drawn = try await browser.get(begun.location)
        let face = try #require(drawn.text.firstMatch(of: /src="(\/console\/cards\/[0-9a-f]{32}\/face.png)"/)?.output.1)
        let picture = try await browser.get(String(face))
        #expect(picture.fields["content-type"] == "image/png" && picture.text == "a picture")
        let activation = try await browser.post(
            "/console/jobs",
            [
                "card": ready.hidden("card"), "purpose": "activate", "key": ready.hidden("key"),
                "place": "desk-1/Reader 1",
            ]
        )
        #expect(activation.status == 303 && activation.location != begun.location)
        #expect(try await browser.get(activation.location).text.contains("持卡人设置密码"))
        nothingPersonal(in: browser.addresses, resident)
    }

    @Test
    func `a job of another hall is as absent as none`() async throws {
        let console = try await ConsoleOffice()
        try await console.addDesk()
        let resident = try await console.addResident("张三", "320100190001019070")
        let clerk = StaffCaller(id: 0, userName: "x", role: "clerk", hall: "H1")
        let browser = TestBrowser(console.router)
        _ = try await browser.signIn(try await console.addStaff("clerk"), console)
        let row = try await console.owner.one("SELECT staff_id FROM staff LIMIT 1")
        let staff = StaffCaller(id: try row.value("staff_id"), userName: "x", role: clerk.role, hall: clerk.hall)
        let card = try await console.office.perform(OrderCard(resident: resident, kind: 1), by: .staff(staff)).answer
            .card
        let act = StartJob(
            card: try CardReference.octets(card),
            desk: "desk-1",
            reader: "Reader 1",
            purpose: .issue
        )
        let job = try await console.office.perform(act, by: .staff(staff)).answer.job
        #expect(try await browser.get("/console/jobs/\(job)").status == 200)
        let stranger = TestBrowser(console.router)
        _ = try await stranger.signIn(try await console.addStaff("clerk", hall: "H2"), console)
        for target in ["/console/jobs/", "/console/progress/"] {
            let theirs = try await stranger.get(target + job)
            let none = try await stranger.get(target + "J-1")
            #expect(theirs.status == 404 && theirs.text.count == none.text.count)
        }
        #expect(!(try await stranger.get("/console/jobs").text.contains(job)))
    }

    /// A reader with an open job takes no other card.
    private func refuseAnotherCard(
        on place: String,
        in console: ConsoleOffice,
        _ browser: TestBrowser
    ) async throws {
        let resident = try await console.addResident("李四", "32010020000229998X")
        let order = ["resident": String(resident), "kind": "1", "key": "the-other-card"]
        let page = try await browser.get(try await browser.post("/console/cards", order).location)
        let work = ["card": page.hidden("card"), "purpose": "issue", "key": page.hidden("key"), "place": place]
        let busy = try await browser.post("/console/jobs", work)
        #expect(busy.status == 409 && busy.text.contains("读卡器有未完成的任务"))
        try await console.owner.execute("DELETE FROM card WHERE resident_id = \(resident)")
    }

    /// The page in every state of the machine: what is done, what is current, what the clerk does.
    private func states(of name: String, in console: ConsoleOffice, _ browser: TestBrowser) async throws {
        let table: [(state: String, phase: String, done: Int, current: String?, words: String)] = [
            ("QUEUED", "identify", 0, nil, "请把空白卡放在读卡器上"),
            ("RUNNING", "identify", 0, "识别卡片", "请勿移动卡片"),
            ("RUNNING", "pivObjects", 3, "生成证书密钥", "请勿移动卡片"),
            ("UNKNOWN", "photo", 2, "写入资料与照片", "请放回同一张卡"),
            ("RUNNING", "proof", 5, "读回核对", "请勿移动卡片"),
            ("QUARANTINE", "keys", 1, nil, "单独存放并交主管处理"),
            ("CANCELLED", "identify", 0, nil, "换一张空白卡"),
        ]
        for row in table {
            try await console.owner.execute(
                "UPDATE perso_job SET state = \(row.state), phase = \(row.phase) WHERE name = \(name)"
            )
            let page = try await browser.get("/console/jobs/\(name)")
            #expect(page.status == 200 && page.text.contains(row.words), "\(row)")
            #expect(page.text.matches(of: /<li class="done"/).count == row.done, "\(row)")
            let current = page.text.firstMatch(of: /aria-current="step">.*?<span>([^ ]+) <span/)?.output.1
            #expect(current.map(String.init) == row.current, "\(row)")
            #expect(
                page.text.contains("data-source") == ["QUEUED", "RUNNING", "UNKNOWN"].contains(row.state),
                "\(row)"
            )
        }
    }

    /// What the relay keeps when a card's face has been drawn.
    private func draw(_ console: ConsoleOffice, _ resident: Int64) async throws {
        let vault = console.office.vault
        try await console.office.database.transaction { transaction in
            let key = try await DataKeys.key(of: resident, vault, in: transaction)
            let sealed = try vault.seal(Array("a picture".utf8), table: "card_artwork", column: "png_enc", with: key)
            try await transaction.execute(
                """
                INSERT INTO card_artwork (card_id, png_enc, pdf_enc, drawn_at)
                SELECT card_id, \(sealed), \(sealed), now() FROM card
                """
            )
        }
    }

    private func moveCard(to states: [Int16], _ console: ConsoleOffice) async throws {
        for state in states {
            try await console.owner.transaction { transaction in
                try await transaction.execute(
                    """
                    INSERT INTO card_event (card_id, seq, from_state, to_state, actor, evidence_tx, at)
                    SELECT card_id, row_ver + 1, state, \(state), 's:1', '\\x00', now() FROM card
                    """
                )
                try await transaction.execute("UPDATE card SET state = \(state), row_ver = row_ver + 1")
            }
        }
    }

    private func nothingPersonal(in addresses: [String], _ resident: Int64) {
        #expect(addresses.count > 30)
        for address in addresses {
            #expect(address.allSatisfy(\.isASCII) && !address.contains("?"), "\(address)")
            #expect(!address.contains("320100") && !address.contains(String(resident)), "\(address)")
        }
    }
}
