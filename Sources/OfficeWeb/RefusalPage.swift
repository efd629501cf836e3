import HTTP
import Office

/// 拒绝页 Why it was not done, in words, and what to do now.
enum RefusalPage {
    /// The page of a problem document: the same words that a program gets.
    static func response(_ problem: Problem, for visit: Visit?) -> Response {
        page(
            problem.status,
            split(problem.title),
            detail: detail(problem),
            remedy(problem),
            incident: problem.status >= 500 ? problem.instance : nil,
            for: visit
        )
    }

    /// The form did not come from a page of this session.
    static func foreignForm(for visit: Visit?) -> Response {
        page(
            403,
            Words("表单无效", "The form is not valid"),
            detail: nil,
            Words(
                "页面可能已过期。请返回后重新打开页面再提交。",
                "The page may be out of date. Go back, open it again and send it once more."
            ),
            incident: nil,
            for: visit
        )
    }

    private static func page(
        _ status: Int,
        _ title: Words,
        detail: String?,
        _ remedy: Words,
        incident: String?,
        for visit: Visit?
    ) -> Response {
        let reason: HTML = detail.map { "<p><strong>\(Words("原因", "Reason"))</strong> \($0)</p>" } ?? .nothing
        let number: HTML =
            incident.map { "<p class=\"small\">\(Words("编号", "Number")) <code>\($0)</code></p>" } ?? .nothing
        let body: HTML = """
            <div class="notice refused" role="alert">
            \(reason)
            <p><strong>\(Words("怎么办", "What to do"))</strong> \(remedy)</p>
            \(number)
            </div>
            <p><a class="button" href="/console/">\(Words("回到首页", "Back to the start"))</a></p>
            """
        return Page(title, for: visit, body).response(status)
    }

    private static func detail(_ problem: Problem) -> String? {
        guard problem.status == 409 || problem.status == 422 else { return nil }
        return problem.detail
    }

    private static func remedy(_ problem: Problem) -> Words {
        switch problem.status {
        case 400, 413, 415: Words("请返回检查后重新提交。", "Go back, check what was entered and send it again.")
        case 403:
            Words(
                "您的角色不办理此事项，请交由有权限的同事办理。此次尝试已留痕。",
                "Your role does not do this: pass it to a colleague whose role does. The attempt is kept."
            )
        case 404:
            Words(
                "请核对后重新查找；链接可能已失效，或属于其他大厅。",
                "Check and search again; the link may be old, or belong to another hall."
            )
        case 405: Words("此地址不能直接打开，请从首页开始。", "This address cannot be opened by itself: begin at the start page.")
        case 409: Words("请先处理上述情况，再重新办理。", "Settle what stands in the way, then try again.")
        case 422: Words("请返回更正后重新提交。", "Go back, correct it and send it again.")
        case 429: Words("请稍候再试。", "Wait a little and try again.")
        case 503: Words("请稍候片刻重试；若持续出现，请联系运维人员。", "Try again in a moment; if it goes on, call the operator.")
        default: Words("请稍候重试，并把编号告诉运维人员。", "Try again, and tell the operator the number below.")
        }
    }

    /// Titles of problem documents are Chinese words, a blank, English words.
    private static func split(_ title: String) -> Words {
        guard let blank = title.firstIndex(of: " "), title[..<blank].contains(where: { !$0.isASCII }) else {
            return Words(title, "")
        }
        return Words(String(title[..<blank]), String(title[title.index(after: blank)...]))
    }
}
