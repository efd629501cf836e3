/// 语言 The language of messages to people.
package enum Language: Hashable, Sendable {
    case chinese
    case english

    /// Chosen as POSIX does it: the first non-empty one of LC_ALL, LC_MESSAGES, LANG; zh* is Chinese.
    package init(environment: [String: String]) {
        let chosen = ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty }
        self = chosen?.lowercased().hasPrefix("zh") == true ? .chinese : .english
    }
}

/// 文案 One sentence in both languages.
package struct Text: Hashable, Sendable {
    /// 中文
    package let zh: String
    /// English
    package let en: String

    /// A sentence in both languages.
    package init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    /// The sentence in a language.
    package func said(in language: Language) -> String {
        switch language {
        case .chinese: zh
        case .english: en
        }
    }
}
