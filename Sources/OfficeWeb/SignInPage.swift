import Cryptography
import HTTP
import Octets
import Office

/// 登录页 User, password and one-time password in one form; whatever is wrong, the answer is the same.
enum SignInPage {
    /// The half of the form's token that the browser keeps until there is a session.
    private static let cookieName = "__Host-cc_form"

    static func routes(_ office: Office, _ workers: WorkerThreads) -> [Route] {
        [
            Route(.get, "/console/sign-in", name: "consoleSignInForm") { _, _ in page(office) },
            Route(.post, "/console/sign-in", name: "consoleSignIn") { request, _ in
                guard try isOwn(request) else { return RefusalPage.foreignForm(for: nil) }
                let fields = Fields(try request.form())
                do throws(Refusal) {
                    let session = try await office.signIn(
                        user: fields["user"],
                        password: SecretOctets(copying: fields.exactly("password").utf8),
                        code: fields["code"].filter { !$0.isWhitespace },
                        on: workers
                    )
                    return signedIn(session)
                } catch {
                    switch error {
                    case .credentials, .blocked, .invalid: return page(office, status: 401)
                    default: throw error
                    }
                }
            },
            Route(
                .post,
                "/console/sign-out",
                name: "consoleSignOut",
                handler: ConsoleRoutes.visited(office) { visit, _ in
                    _ = try visit.form()
                    try await office.signOut(token: visit.token)
                    return forgetting(ConsoleRoutes.go("/console/sign-in"), Visit.cookieName)
                }
            ),
        ]
    }

    private static func signedIn(_ session: StaffSession) -> Response {
        let response = forgetting(ConsoleRoutes.go("/console/"), cookieName)
        guard let cookie = SetCookie(Visit.cookieName, session.token, sameSite: .strict) else { return response }
        return response.with(cookie)
    }

    private static func forgetting(_ response: Response, _ name: String) -> Response {
        guard let cookie = SetCookie(name, "", sameSite: .strict, maxAgeSeconds: 0) else { return response }
        return response.with(cookie)
    }

    /// Before there is a session the form's token stands in a cookie and in the form: another site can write neither.
    private static func isOwn(_ request: Request) throws -> Bool {
        guard Fields.isOwn(request), let kept = try request.cookies.value(cookieName) else { return false }
        let given = Fields(try request.form())["form"]
        return kept.utf8.count == 22 && constantTimeEquals(Array(kept.utf8), Array(given.utf8))
    }

    private static func page(_ office: Office, status: Int = 200) -> Response {
        let token = Base64.encode(office.random.octets(16), .url)
        let failed: HTML =
            status == 200
            ? .nothing
            : """
            <div class="notice refused" role="alert"><p><strong>\(Words("登录失败", "Sign-in failed"))</strong></p>
            <p>\(Words("用户名、口令或动态口令不符，或账户暂停登录。请核对后稍候再试。", "User, password or code do not fit, or sign-in is stopped for a while. Check, wait a little, try again."))</p></div>
            """
        let content: HTML = """
            \(failed)
            <form class="card" method="post" action="/console/sign-in">
            <input type="hidden" name="form" value="\(token)">
            \(Form.field("user", Words("用户名", "User name"), "autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required autofocus"))
            \(Form.field("password", Words("口令", "Password"), "type=\"password\" autocomplete=\"current-password\" required"))
            \(Form.field("code", Words("动态口令", "One-time password"), "inputmode=\"numeric\" autocomplete=\"one-time-code\" pattern=\"[0-9 ]{6,7}\" maxlength=\"7\" required", hint: Words("手机令牌上的 6 位数字", "the 6 digits on your token")))
            <button class="button main">\(Words("登录", "Sign in"))</button>
            </form>
            """
        let response = Page(Words("工作人员登录", "Staff sign-in"), for: nil, content).response(status)
        guard let cookie = SetCookie(cookieName, token, sameSite: .strict, maxAgeSeconds: 1800) else { return response }
        let whole = response.with(cookie)
        // RFC 9110, 15.5.2: a 401 names a scheme; this one tells browsers nothing that they would ask about.
        return status == 401 ? whole.with("www-authenticate", "Form realm=\"console\"") : whole
    }
}
