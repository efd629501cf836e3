/// A problem document (RFC 9457). Its words are made by the caller, in Chinese and English.
///
/// It is an error too: a handler throws it, the router turns it into the answer.
package struct Problem: Error, Sendable, Hashable {
    /// A value of an extension member.
    package indirect enum Member: Sendable, Hashable {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case list([Member])
        case object([String: Member])
    }

    /// A URI reference that names the kind of problem; `about:blank` says no more than the status.
    package var type: String
    /// A short name of the kind, the same for each occurrence.
    package var title: String
    /// The status of the answer, 400 to 599.
    package var status: Int
    /// What is wrong this time; no secret and no personal data.
    package var detail: String?
    /// Which occurrence: the request's number, put in by the router when absent.
    package var instance: String?
    /// Members beyond those of RFC 9457.
    package var members: [String: Member]

    /// A problem; `type` is `about:blank` unless given.
    package init(
        _ status: Int,
        title: String,
        type: String = "about:blank",
        detail: String? = nil,
        instance: String? = nil,
        members: [String: Member] = [:]
    ) {
        self.status = status
        self.title = title
        self.type = type
        self.detail = detail
        self.instance = instance
        self.members = members
    }

    /// The plain problem of a status, with the two-language title of the table below.
    package init(_ status: Int) {
        self.init(status, title: Self.titles[status] ?? "请求未完成 not done")
    }

    /// The document; members in the order of RFC 9457, 3.1, then extensions by name.
    package var json: [UInt8] {
        var text = JSONText()
        text.add("type", type)
        text.add("title", title)
        text.add("status", status)
        if let detail { text.add("detail", detail) }
        if let instance { text.add("instance", instance) }
        for (name, member) in members.sorted(by: { $0.key < $1.key }) where !Self.reserved.contains(name) {
            text.member(name, Self.json(member))
        }
        return Array(text.closed.utf8)
    }

    private static let reserved: Set<String> = ["type", "title", "status", "detail", "instance"]

    private static let titles: [Int: String] = [
        400: "请求有误 bad request",
        401: "请先登录 sign-in needed",
        403: "无权办理 not allowed",
        404: "未找到 not found",
        405: "方法不适用 method not allowed",
        406: "格式不支持 not acceptable",
        409: "状态冲突 conflict",
        410: "已失效 gone",
        413: "内容过大 content too large",
        415: "类型不支持 unsupported media type",
        417: "要求不支持 expectation failed",
        422: "内容有误 unprocessable content",
        429: "请求过多 too many requests",
        431: "报头过大 header fields too large",
        500: "内部错误 internal error",
        501: "不支持 not implemented",
        503: "暂不可用 unavailable",
    ]

    private static func json(_ member: Member) -> String {
        switch member {
        case .text(let text): return JSONText.quoted(text)
        case .number(let number): return String(number)
        case .flag(let flag): return flag ? "true" : "false"
        case .list(let list): return "[" + list.map(json).joined(separator: ",") + "]"
        case .object(let members):
            var text = JSONText()
            for (name, member) in members.sorted(by: { $0.key < $1.key }) { text.member(name, json(member)) }
            return text.closed
        }
    }
}
