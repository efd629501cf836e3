package import HTTP
package import Office

/// 拒绝的措辞 The one place where a refusal becomes a problem document: status, kind, words in Chinese and English.
package enum ProblemWords {
    /// The document of a refusal.
    package static func problem(_ refusal: Refusal) -> Problem {
        switch refusal {
        case .forbidden(let act, _): document(403, "forbidden", "无权限", "this role may not do this", act)
        case .absent(let subject): document(404, "absent", "没有找到", "not found", subject.rawValue)
        case .invalid(let field, let reason):
            document(
                422,
                "invalid",
                "字段不符: \(field)",
                "the field \(field) does not fit",
                "\(field): \(words(reason))",
                members: ["field": .text(field), "reason": .text(reason.rawValue)]
            )
        case .conflict(let conflict): document(409, "conflict", "当前状态不允许", "not possible now", words(conflict))
        case .keyReused:
            document(
                422,
                "key-reused",
                "幂等键已用于其他请求",
                "the idempotency key came with another request",
                "Idempotency-Key"
            )
        case .credentials: document(401, "credentials", "登录失败", "sign-in failed", "user, password or code")
        case .blocked(let until):
            document(
                429,
                "blocked",
                "暂停登录",
                "sign-in is stopped for a while",
                "until \(until)",
                members: ["untilSeconds": .number(until)]
            )
        case .unavailable(.disk):
            document(503, "unavailable", "磁盘已满, 请腾出空间", "the disk under the database is full: make room", "disk")
        case .unavailable(let part): document(503, "unavailable", "服务暂不可用", "a part is not reachable", part.rawValue)
        case .unknownOutcome:
            document(503, "unknown-outcome", "结果未知, 请用同一幂等键重试", "unknown outcome: repeat with the same key", "")
        }
    }

    private static func document(
        _ status: Int,
        _ kind: String,
        _ chinese: String,
        _ english: String,
        _ detail: String,
        members: [String: Problem.Member] = [:]
    ) -> Problem {
        Problem(
            status,
            title: "\(chinese) \(english)",
            type: "/problems/\(kind)",
            detail: detail.isEmpty ? nil : detail,
            members: members
        )
    }

    private static func words(_ reason: Refusal.Reason) -> String {
        switch reason {
        case .missing: "缺少 missing"
        case .length: "长度不符 wrong length"
        case .characters: "字符不允许 character not allowed"
        case .checkDigit: "校验位错误 wrong check digit"
        case .date: "日期不存在 no such date"
        case .unknown: "未知的值 unknown value"
        case .tooMany: "太多 too many"
        case .privateUse: "私用区字符 private-use character"
        case .disagrees: "与证件号码不符 disagrees with the number"
        case .format: "格式不符 wrong form"
        }
    }

    private static func words(_ conflict: Refusal.Conflict) -> String {
        switch conflict {
        case .cardUnderWay: "已有同类卡在制 a card of this kind is under way"
        case .cardLive: "已持有同类有效卡 the holder has a live card of this kind"
        case .cardState(let state): "卡状态 card is \(state)"
        case .jobState(let state): "任务状态 job is \(state)"
        case .documentTaken: "证件号码已登记 the document is registered already"
        case .userNameTaken: "用户名已存在 the user name is taken"
        case .certificateTaken: "证书已属于另一窗口 the certificate belongs to another desk"
        case .readerBusy: "读卡器有未完成的任务 the reader has an open job"
        case .blankUnknown: "非本市空白卡 not a blank card of ours"
        case .blankUsed: "该卡片已使用 the chip is bound to another card"
        case .keysExist: "密钥已存在 the keys exist already"
        case .importRunning: "该文件正在导入 this file is being imported"
        case .presenceUnproven: "卡片未通过在场验证 the chip in the reader has not answered as this card's"
        case .replacementBegun: "补换卡已开始 a card in its place is under way"
        case .loadOpen: "该卡有未完成的圈存 a load of another amount is not finished"
        case .loadInReview: "该卡有待核圈存 a load of this card waits for a person"
        case .purseLimit: "超过钱包限额 the balance would pass the limit"
        case .secondPersonNeeded: "须由两人办理 two persons are needed"
        }
    }
}
