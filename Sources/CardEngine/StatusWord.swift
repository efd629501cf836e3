import Octets

/// 状态字 The two octets that end every answer of a card (ISO/IEC 7816-4, 5.6).
package struct StatusWord: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(_ rawValue: UInt16) { self.rawValue = rawValue }

    package static let success = StatusWord(0x9000)
    package static let selectedLocked = StatusWord(0x6283)
    package static let authenticationFailed = StatusWord(0x6300)
    package static let wrongLength = StatusWord(0x6700)
    package static let securityStatus = StatusWord(0x6982)
    package static let blocked = StatusWord(0x6983)
    package static let conditions = StatusWord(0x6985)
    package static let secureMessaging = StatusWord(0x6988)
    package static let wrongData = StatusWord(0x6A80)
    package static let notSupported = StatusWord(0x6A81)
    package static let notFound = StatusWord(0x6A82)
    package static let noRoom = StatusWord(0x6A84)
    package static let wrongParameters = StatusWord(0x6A86)
    package static let referenceNotFound = StatusWord(0x6A88)

    package var isSuccess: Bool { self == .success }

    /// How many tries of a PIN are left, from 63Cx.
    package var triesLeft: Int? { rawValue & 0xFFF0 == 0x63C0 ? Int(rawValue & 0x0F) : nil }

    /// Whether an answer with this word carries an R-MAC (Amendment D, 6.2.5): success and warnings.
    package var isAuthenticated: Bool { isSuccess || rawValue >> 8 == 0x62 || rawValue >> 8 == 0x63 }

    package var description: String { Hex.encodeUpper(rawValue.bigEndianOctets) }

    /// What it means, in Chinese and English.
    package var meaning: (chinese: String, english: String) {
        if let triesLeft { return ("密码错误,还可尝试 \(triesLeft) 次", "wrong PIN, \(triesLeft) tries left") }
        return switch self {
        case .success: ("成功", "done")
        case .selectedLocked: ("应用已锁定", "the application is locked")
        case .authenticationFailed: ("认证失败", "authentication failed")
        case .wrongLength: ("长度错误", "wrong length")
        case .securityStatus: ("安全状态不满足", "security status not satisfied")
        case .blocked: ("认证方法已锁定", "authentication method blocked")
        case .conditions: ("使用条件不满足", "conditions of use not satisfied")
        case .secureMessaging: ("安全报文错误", "secure messaging object incorrect")
        case .wrongData: ("数据域错误", "wrong data")
        case .notSupported: ("功能不支持", "function not supported")
        case .notFound: ("文件或应用不存在", "file or application not found")
        case .noRoom: ("空间不足", "not enough room")
        case .wrongParameters: ("参数错误", "wrong parameters")
        case .referenceNotFound: ("引用数据不存在", "referenced data not found")
        default: ("未知状态字", "unknown status word")
        }
    }
}

/// Which status words a relayed command may end with: four places, `x` for any digit, alternatives with `|`.
package struct StatusPattern: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package static let success = StatusPattern(unchecked: "9000")

    /// Nil unless every alternative has four places of hexadecimal digits or `x`.
    package init?(_ text: String) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        let isFit = parts.allSatisfy { part in
            part.utf8.count == 4 && part.allSatisfy { $0 == "x" || "0123456789ABCDEF".contains($0) }
        }
        guard isFit, (1...8).contains(parts.count) else { return nil }
        description = text
    }

    private init(unchecked text: String) { description = text }

    /// Whether a status word is one of those that the pattern names; `x` stands for any digit.
    package func matches(_ status: StatusWord) -> Bool {
        description.split(separator: "|").contains { part in
            zip(part, status.description).allSatisfy { $0 == "x" || $0 == $1 }
        }
    }
}
