import Database
import HTTP
import Office
import Policies
import Testing

@testable import OfficeWeb

/// 权限矩阵 Role times page, read from the route table: a page that is not in the reviewed table below is a failing test.
@Suite("权限矩阵 roles and pages")
struct RoleTests {
    private enum Expected { case everybody, signedIn, roles(Set<String>) }

    /// Who gets past the door of each page; the rest are refused with 403.
    private static let reviewed: [String: Expected] = [
        "GET /console": .everybody, "GET /console/sign-in": .everybody, "POST /console/sign-in": .everybody,
        "GET /console/assets/console.css": .everybody, "GET /console/assets/console.js": .everybody,
        "GET /console/assets/mark.svg": .everybody,
        "POST /console/sign-out": .signedIn, "GET /console/": .signedIn, "GET /console/residents": .signedIn,
        "POST /console/": .roles(["clerk", "supervisor", "hotline"]),
        "POST /console/residents": .roles(["clerk", "supervisor", "hotline"]),
        "POST /console/cards": .roles(["clerk"]),
        "GET /console/cards/{card}": .roles(["clerk", "supervisor", "hotline"]),
        "GET /console/cards/{card}/face.png": .roles(["clerk", "supervisor"]),
        "GET /console/jobs": .roles(["clerk", "supervisor"]),
        "POST /console/jobs": .roles(["clerk"]),
        "GET /console/jobs/{job}": .roles(["clerk", "supervisor"]),
        "GET /console/progress/{job}": .roles(["clerk", "supervisor"]),
    ]

    @Test
    func `every role on every page, and nobody at all`() async throws {
        let console = try await ConsoleOffice()
        #expect(Set(console.router.routes.map(\.label)) == Set(Self.reviewed.keys))
        let nobody = TestBrowser(console.router)
        var browsers: [String: TestBrowser] = [:]
        for role in console.office.roles.roles.map(\.name) {
            let browser = TestBrowser(console.router)
            #expect(try await browser.signIn(try await console.addStaff(role), console).status == 303)
            browsers[role] = browser
        }
        #expect(browsers.count == 8)
        let routes = console.router.routes.filter {
            $0.pattern != "/console/sign-out" && $0.pattern != "/console/sign-in"
        }
        for route in routes {
            let unsigned = try await ask(nobody, route).status
            let expected = try #require(Self.reviewed[route.label])
            if case .everybody = expected {
                #expect(unsigned == 200 || unsigned == 303)
            } else {
                #expect(unsigned == 303, "\(route.label) without a session")
                #expect(nobody.answers.last?.location == "/console/sign-in")
            }
            for (role, browser) in browsers {
                let status = try await ask(browser, route).status
                let isLet =
                    switch expected {
                    case .everybody, .signedIn: true
                    case .roles(let roles): roles.contains(role)
                    }
                #expect((status != 403) == isLet, "\(role) at \(route.label): \(status)")
                #expect(isLet || browser.answers.last?.text.contains("无权限") == true)
                #expect(status < 500)
            }
        }
    }

    @Test
    func `the hotline sees cards and their states, and is offered nothing more`() async throws {
        let console = try await ConsoleOffice()
        try await console.addDesk()
        let resident = try await console.addResident("张三", "320100190001019070")
        let clerk = Caller.staff(StaffCaller(id: 1, userName: "c", role: "clerk", hall: "H1"))
        let card = try await console.office.perform(OrderCard(resident: resident, kind: 1), by: clerk).answer.card
        let browser = TestBrowser(console.router)
        _ = try await browser.signIn(try await console.addStaff("hotline"), console)
        let person = try await browser.post("/console/residents", ["resident": String(resident), "reason": "来电"])
        #expect(person.status == 200 && person.text.contains("已申请") && person.text.contains("张三"))
        for hidden in ["320100190001019070", "13912345678", "onerror", "申领新卡", "制卡任务"] {
            #expect(!person.text.contains(hidden), "\(hidden)")
        }
        let page = try await browser.get("/console/cards/\(card)")
        #expect(page.status == 200 && !page.text.contains("<select"))
        let acts = try await console.owner.all("SELECT act, subject FROM evidence_pending ORDER BY id DESC LIMIT 1")
        #expect(try acts.map { try $0.value("act", as: String.self) } == ["pii.look"])
        #expect(try acts.map { try $0.value("subject", as: Int64.self) } == [resident])
    }

    @Test
    func `a refused attempt of a known role is kept`() async throws {
        let console = try await ConsoleOffice()
        let browser = TestBrowser(console.router)
        _ = try await browser.signIn(try await console.addStaff("hotline"), console)
        let fields = ["resident": "1", "kind": "1", "key": "12345678"]
        #expect(try await browser.post("/console/cards", fields).status == 403)
        let work = ["card": String(repeating: "0", count: 32), "purpose": "issue", "place": "x", "key": "12345678"]
        #expect(try await browser.post("/console/jobs", work).status == 403)
        #expect(try await browser.get("/console/jobs").status == 403)
        let kept = try await console.owner.one("SELECT count(*) AS n FROM evidence_pending WHERE act = 'refusal'")
        #expect(try kept.value("n", as: Int64.self) == 3)
    }

    private func ask(_ browser: TestBrowser, _ route: Route) async throws -> TestBrowser.Answer {
        let reference = String(repeating: "0", count: 32)
        let target = route.pattern.replacing("{card}", with: reference).replacing("{job}", with: "J-1")
        guard route.method == .post else { return try await browser.get(target) }
        let fields = [
            "name": "张三", "reason": "核对", "resident": "1", "kind": "1", "key": "12345678", "card": reference,
            "purpose": "issue", "place": "desk-1/Reader 1",
        ]
        return try await browser.post(target, fields)
    }
}
