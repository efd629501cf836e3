import Foundation
import HTTP

/// A browser without a screen: keeps cookies as the attributes say, fills in forms, remembers every address it saw.
final class TestBrowser {
    /// One answer.
    struct Answer {
        let status: Int
        let text: String
        let fields: HeaderFields
        let isStream: Bool

        var location: String { fields["location"] ?? "" }

        /// The values of hidden fields by name, the first of each.
        func hidden(_ name: String) -> String {
            guard let pattern = try? Regex("name=\"\(name)\" value=\"([^\"]*)\"", as: (Substring, Substring).self)
            else { return "" }
            return text.firstMatch(of: pattern).map { String($0.output.1) } ?? ""
        }
    }

    private let router: Router
    private(set) var cookies: [String: String] = [:]
    /// The form token of the last page that had one.
    private(set) var formToken = ""
    /// Every target asked for and every place an answer led to.
    private(set) var addresses: [String] = []
    /// Every answer.
    private(set) var answers: [Answer] = []

    init(_ router: Router) { self.router = router }

    /// Another browser with the same cookies.
    func twin() -> TestBrowser {
        let twin = TestBrowser(router)
        twin.cookies = cookies
        twin.formToken = formToken
        return twin
    }

    func get(_ target: String) async throws -> Answer { try await ask(.get, target, body: [], type: nil) }

    /// Sends a form with the token of the last page.
    func post(
        _ target: String,
        _ fields: [String: String],
        form: String? = nil,
        site: String? = "same-origin"
    )
        async throws -> Answer
    {
        var all = fields
        all["form"] = form ?? formToken
        let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.escaped($0.value))" }.joined(separator: "&")
        return try await ask(
            .post,
            target,
            body: Array(text.utf8),
            type: "application/x-www-form-urlencoded",
            site: site
        )
    }

    /// Opens the sign-in page and signs in.
    func signIn(
        _ user: String,
        _ console: ConsoleOffice,
        password: String? = nil,
        code: String? = nil
    )
        async throws -> Answer
    {
        _ = try await get("/console/sign-in")
        let fields = ["user": user, "password": password ?? ConsoleOffice.password, "code": code ?? console.code]
        let answer = try await post("/console/sign-in", fields)
        if answer.status == 303 { _ = try await get("/console/") }
        return answer
    }

    private func ask(
        _ method: Method,
        _ target: String,
        body: [UInt8],
        type: String?,
        site: String? = nil
    )
        async throws -> Answer
    {
        var fields = HeaderFields()
        if let type { fields.append("content-type", type) }
        if let site { fields.append("sec-fetch-site", site) }
        if !cookies.isEmpty {
            fields.append(
                "cookie",
                cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
            )
        }
        let response = await router.answer(try Request(method, target, fields: fields, body: body)) { print($0) }
        keep(response.fields.values("set-cookie"))
        let answer =
            switch response.body {
            case .octets(let octets):
                Answer(
                    status: response.status,
                    text: String(decoding: octets, as: UTF8.self),
                    fields: response.fields,
                    isStream: false
                )
            case .events: Answer(status: response.status, text: "", fields: response.fields, isStream: true)
            }
        let token = answer.hidden("form")
        if !token.isEmpty { formToken = token }
        addresses += [target, answer.location]
        answers.append(answer)
        return answer
    }

    private func keep(_ lines: [String]) {
        for line in lines {
            guard let equals = line.firstIndex(of: "="), let end = line.firstIndex(of: ";") else { continue }
            let name = String(line[..<equals])
            cookies[name] = line.contains("Max-Age=0") ? nil : String(line[line.index(after: equals)..<end])
        }
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { octet in
            let isPlain =
                (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
            return isPlain ? String(UnicodeScalar(octet)) : "%" + String(format: "%02X", octet)
        }.joined()
    }
}
