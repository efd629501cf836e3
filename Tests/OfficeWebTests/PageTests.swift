import Database
import HTTP
import Identity
import Office
import Testing

@testable import OfficeWeb

@Suite("页面 pages of the console")
struct PageTests {
    private static let numbers = ["320100190001019070", "32010020000229998X"]

    @Test
    func `namesakes are told apart, and the file opens with a reason`() async throws {
        let console = try await ConsoleOffice()
        let browser = TestBrowser(console.router)
        _ = try await browser.signIn(try await console.addStaff("clerk"), console)
        var residents: [Int64] = []
        for number in Self.numbers { residents.append(try await console.addResident("张三", number)) }
        let found = try await browser.post("/console/", ["name": " 张三 ", "reason": "核对同名"])
        #expect(found.status == 200)
        #expect(found.text.contains("1900-01-01") && found.text.contains("2000-02-29"))
        #expect(found.text.contains("3****************X") && !found.text.contains(Self.numbers[1]))
        let one = try await browser.post("/console/", ["name": "张三", "birth": "2000-02-29", "reason": "核对"])
        #expect(one.text.contains("找到 1 位") && one.hidden("resident") == String(residents[1]))
        let person = try await browser.post(
            "/console/residents",
            ["resident": one.hidden("resident"), "reason": one.hidden("reason")]
        )
        #expect(person.status == 200 && person.text.contains(Self.numbers[1]) && person.text.contains("申领新卡"))
        for (fields, words) in [
            (["name": "张三", "reason": " "], "缺少"), (["reason": "核对"], "name"), (["card": "1", "reason": "核对"], "card"),
            (["name": "张三", "birth": "2000-02-30", "reason": "核对"], "birth_date"),
        ] {
            let refused = try await browser.post("/console/", fields)
            #expect(refused.status == 422 && refused.text.contains("role=\"alert\"") && refused.text.contains(words))
        }
        let nobody = try await browser.post("/console/", ["name": "李四", "reason": "核对"])
        #expect(nobody.status == 200 && nobody.text.contains("没有找到"))
        let absent = try await browser.post("/console/residents", ["resident": "1", "reason": "核对"])
        #expect(absent.status == 404 && absent.text.contains("没有找到"))
    }

    @Test
    func `everything that came from outside is escaped`() async throws {
        let console = try await ConsoleOffice()
        let browser = TestBrowser(console.router)
        _ = try await browser.signIn(try await console.addStaff("clerk"), console)
        try await console.addDesk()
        let resident = try await console.addResident("张三", Self.numbers[0])
        let script = "\"><script>alert(1)</script>"
        for name in ["name", "birth", "document", "phone", "card", "reason"] {
            var fields = ["name": "张三", "reason": "核对"]
            fields[name] = script
            let answer = try await browser.post("/console/", fields)
            #expect([200, 422].contains(answer.status), "\(name) \(answer.status)")
        }
        let person = try await browser.post("/console/residents", ["resident": String(resident), "reason": script])
        #expect(person.text.contains("&lt;img src=x onerror=alert(1)&gt;"))
        let order = ["resident": String(resident), "kind": "1", "key": person.hidden("key")]
        _ = try await browser.get(try await browser.post("/console/cards", order).location)
        for target in ["/console/cards/x", "/console/jobs/J-1", "/console/nothing"] {
            _ = try await browser.get(target)
        }
        for answer in browser.answers {
            #expect(!answer.text.contains("<script>") && !answer.text.contains("<img src=x"))
            #expect(!answer.text.contains("Reader <0>"))
        }
        // A name cannot hold markup; a page that got one all the same would escape it.
        let page = Page(Words(script, script), for: nil, "<p>\(script)</p>").response()
        guard case .octets(let octets) = page.body else { return }
        #expect(!String(decoding: octets, as: UTF8.self).contains(script))
    }

    @Test
    func `every answer forbids what is not its own`() async throws {
        let console = try await ConsoleOffice()
        let browser = TestBrowser(console.router)
        _ = try await browser.get("/console/")
        _ = try await browser.get("/console/nothing")
        _ = try await browser.post("/console/nothing", [:])
        _ = try await browser.signIn("nobody", console)
        _ = try await browser.signIn(try await console.addStaff("clerk"), console)
        for target in ["/console", "/console/jobs", "/console/residents", "/console/cards/00", "/console/sign-in"] {
            _ = try await browser.get(target)
        }
        for asset in ["console.css", "console.js", "mark.svg"] {
            #expect(try await browser.get("/console/assets/\(asset)").status == 200)
        }
        _ = try await browser.post("/console/", ["name": "张三", "reason": "核对"], form: "x")
        #expect(browser.answers.count >= 15)
        for answer in browser.answers {
            #expect(answer.fields["content-security-policy"] == Page.contentSecurityPolicy)
            #expect(answer.fields["referrer-policy"] == "no-referrer")
            #expect(!answer.text.contains(" style=") && !answer.text.contains(" onclick="))
            #expect(!answer.text.contains("https://") && answer.text.matches(of: /src="\/console\/assets\//).count <= 2)
        }
    }

    @Test
    func `a form without this session's token is refused with a page`() async throws {
        let console = try await ConsoleOffice()
        let browser = TestBrowser(console.router)
        let other = TestBrowser(console.router)
        _ = try await browser.signIn(try await console.addStaff("clerk"), console)
        console.passTime(seconds: 60)
        _ = try await other.signIn(try await console.addStaff("supervisor"), console)
        let targets = ["/console/", "/console/residents", "/console/cards", "/console/jobs", "/console/sign-out"]
        for target in targets {
            for token in ["", "AAAA", other.formToken] {
                let answer = try await browser.post(target, ["name": "张三", "reason": "核对"], form: token)
                #expect(answer.status == 403 && answer.text.contains("表单无效"), "\(target)")
            }
            #expect(try await browser.post(target, [:], site: "cross-site").status == 403)
        }
        #expect(try await browser.get("/console/").status == 200)
        let twice = "name=a&name=b&form=\(browser.formToken)"
        let cookie = browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        let fields: HeaderFields = ["content-type": "application/x-www-form-urlencoded", "cookie": cookie]
        #expect(
            await console.router.answer(try Request(.post, "/console/", fields: fields, body: Array(twice.utf8))).status
                == 400
        )
    }
}
