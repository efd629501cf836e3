import HTTP
import Office
import Policies

/// 页面 The frame that every page shares: title, who is signed in, where one can go, and the headers of security.
struct Page: Sendable {
    /// Nothing is fetched, framed or sent anywhere but here; no script and no style stands in the markup itself.
    static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

    private let title: Words
    private let visit: Visit?
    private let content: HTML

    /// A page for somebody who is signed in, or for nobody yet.
    init(_ title: Words, for visit: Visit?, _ content: HTML) {
        self.title = title
        self.visit = visit
        self.content = content
    }

    /// The page as an answer.
    func response(_ status: Int = 200) -> Response { Self.secured(.html(html.text, status: status)) }

    /// The headers that every answer of the console carries.
    static func secured(_ response: Response) -> Response {
        response.with("content-security-policy", contentSecurityPolicy)
            .with("referrer-policy", "no-referrer")
            .with("cross-origin-opener-policy", "same-origin")
            .with("cross-origin-resource-policy", "same-origin")
            .with("permissions-policy", "camera=(), microphone=(), geolocation=()")
            .with("x-content-type-options", "nosniff")
            .with("cache-control", "no-store")
    }

    private var html: HTML {
        """
        <!doctype html>
        <html lang="zh-CN">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <title>\(title.chinese) · 市民卡服务台</title>
        <link rel="icon" href="/console/assets/mark.svg">
        <link rel="stylesheet" href="/console/assets/console.css">
        <script src="/console/assets/console.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#main">\(Words("跳到正文", "Skip to content"))</a>
        <header class="top"><div class="wide">
        <a class="brand" href="/console/"><img src="/console/assets/mark.svg" alt="" width="32" height="32">
        <span>市民卡服务台 <span class="en" lang="en">Citizen card console</span></span></a>
        \(visit.map(Self.person) ?? .nothing)
        </div></header>
        \(visit.map(Self.navigation) ?? .nothing)
        <main id="main" class="\(visit == nil ? "wide narrow" : "wide")" tabindex="-1">
        <h1>\(title)</h1>
        \(content)
        </main>
        <footer class="wide"><p>\(Words("每次查询都留痕，并可由居民本人查看。", "Every look is kept, and the resident can see it."))</p></footer>
        </body>
        </html>

        """
    }

    private static func person(_ visit: Visit) -> HTML {
        """
        <div class="who"><p><strong>\(visit.caller.userName)</strong> \(visit.roleWords)
        <span class="hall">\(visit.caller.hall)</span></p>
        <form method="post" action="/console/sign-out">\(visit.formField)<button class="plain">\(Words("退出", "Sign out"))</button></form>
        </div>
        """
    }

    /// Only what the role may do is offered.
    private static func navigation(_ visit: Visit) -> HTML {
        let places: [(permission: String, target: String, words: Words)] = [
            (FindResidents.name, "/console/", Words("查找居民", "Find a resident")),
            (JobSheet.permission, "/console/jobs", Words("制卡任务", "Card jobs")),
        ]
        let items = places.filter { visit.may($0.permission) }.map { place -> HTML in
            let isHere = visit.request.path == place.target
            let mark: HTML = isHere ? " aria-current=\"page\"" : ""
            return "<li><a href=\"\(place.target)\"\(mark)>\(place.words)</a></li>"
        }
        guard !items.isEmpty else { return .nothing }
        return "<nav class=\"places\" aria-label=\"主导航 Main\"><ul class=\"wide\">\(items)</ul></nav>"
    }
}
