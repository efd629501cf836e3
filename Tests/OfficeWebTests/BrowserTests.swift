import Foundation
import HTTP
import Office
import Testing

@testable import OfficeWeb

/// 浏览器 The pages as a real browser lays them out, where Debian's chromium is installed: nothing runs off a narrow
/// screen, every control has its name and is large enough to hit, and nothing that was typed becomes a script.
@Suite("浏览器 pages in chromium", .enabled(if: Chromium.isInstalled, "skipped: chromium is not installed"))
struct BrowserTests {
    /// Tells the page that holds the frames what it finds; the pages themselves carry no script but the console's own.
    private static let measure = #"""
        addEventListener("load", function () {
            var fields = document.querySelectorAll("input:not([type=hidden]), select");
            var nameless = [...fields].filter(function (f) { return f.labels.length !== 1; }).length;
            var small = [...document.querySelectorAll("button, a.button, nav a, input:not([type=hidden]), select")]
                .filter(function (e) { var r = e.getBoundingClientRect(); return r.height < 44 || r.width < 44; }).length;
            parent.postMessage([location.pathname.match(/(\d+).html$/)[1], innerWidth, document.documentElement.scrollWidth, nameless, small,
                document.scripts.length, document.querySelectorAll("h1").length].join(" "), "*");
        });
        """#
    private static let collect = """
        var found = [];
        addEventListener("message", function (event) { found.push(event.data); document.title = found.join(";"); });
        """

    @Test(arguments: [320, 1200])
    func `pages fit, controls have names and are large, and no input becomes a script`(_ width: Int) async throws {
        let console = try await ConsoleOffice()
        try await console.addDesk()
        let resident = try await console.addResident("欧阳张三", "320100190001019070")
        let browser = TestBrowser(console.router)
        _ = try await browser.signIn(try await console.addStaff("clerk"), console)
        let script = "</p><script>document.title='owned'</script>"
        _ = try await browser.post("/console/", ["name": "欧阳张三", "reason": script])
        _ = try await browser.post("/console/", ["name": script, "reason": "核对"])
        let person = try await browser.post("/console/residents", ["resident": String(resident), "reason": "核对"])
        let order = ["resident": String(resident), "kind": "1", "key": person.hidden("key")]
        let card = try await browser.get(try await browser.post("/console/cards", order).location)
        let work = [
            "card": card.hidden("card"), "purpose": "issue", "key": card.hidden("key"), "place": "desk-1/Reader 1",
        ]
        _ = try await browser.get(try await browser.post("/console/jobs", work).location)
        _ = try await browser.get("/console/jobs")
        let pages = browser.answers.filter { !$0.text.isEmpty }
        #expect(pages.count >= 8)
        let folder = try place(pages.map(\.text), width)
        defer { try? FileManager.default.removeItem(at: folder) }
        let found = try Chromium.title(of: folder.appendingPathComponent("frames.html")).split(separator: ";")
        #expect(found.count == pages.count, "\(found)")
        for page in found {
            let figures = page.split(separator: " ").compactMap { Int($0) }
            try #require(figures.count == 7 && figures[1] == width, "\(page)")
            #expect(figures[2] <= width, "page \(figures[0]) is wider than the window: \(page)")
            #expect(figures[3] == 0 && figures[4] == 0, "controls of page \(figures[0]): \(page)")
            #expect(figures[5] == 2 && figures[6] == 1, "scripts and titles of page \(figures[0]): \(page)")
        }
    }

    /// The pages with their assets in a folder of their own.
    private func place(_ pages: [String], _ width: Int) throws -> URL {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("pages-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(PackageResources.console_css).write(to: folder.appendingPathComponent("console.css"))
        try Data(PackageResources.console_js).write(to: folder.appendingPathComponent("console.js"))
        try Data(PackageResources.mark_svg).write(to: folder.appendingPathComponent("mark.svg"))
        try Data(Self.measure.utf8).write(to: folder.appendingPathComponent("measure.js"))
        for (index, page) in pages.enumerated() {
            let text = page.replacing("/console/assets/", with: "")
                .replacing("</head>", with: "<script src=\"measure.js\"></script></head>")
                // The stream has no server here.
                .replacing(" data-source=", with: " data-absent=")
            try Data(text.utf8).write(to: folder.appendingPathComponent("\(index).html"))
        }
        let frames = pages.indices.map { "<iframe width=\"\(width)\" height=\"900\" src=\"\($0).html\"></iframe>" }
            .joined()
        let whole = "<!doctype html><title>none</title><script>\(Self.collect)</script>\(frames)"
        try Data(whole.utf8).write(to: folder.appendingPathComponent("frames.html"))
        return folder
    }
}
