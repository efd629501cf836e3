/// 用法错误 Why a command line was refused: exit code 2.
package enum UsageFault: Error, Hashable, Sendable {
    case unknownOption(String)
    case missingValue(option: String)
    case surplusValue(option: String)
    case repeated(option: String)
    case missingOption(String)
    case missingArgument(String)
    case surplusArgument(String)
    /// A value that the option cannot take; `demanded` says what it takes.
    case badValue(option: String, value: String, demanded: String)

    /// The sentence for the person at the terminal.
    package var text: Text {
        switch self {
        case .unknownOption(let name): Text(zh: "未知选项 --\(name)", en: "unknown option --\(name)")
        case .missingValue(let name): Text(zh: "选项 --\(name) 缺少值", en: "option --\(name) needs a value")
        case .surplusValue(let name): Text(zh: "选项 --\(name) 不带值", en: "option --\(name) takes no value")
        case .repeated(let name): Text(zh: "选项 --\(name) 重复", en: "option --\(name) is given twice")
        case .missingOption(let name): Text(zh: "缺少选项 --\(name)", en: "option --\(name) is missing")
        case .missingArgument(let word): Text(zh: "缺少参数 \(word)", en: "argument \(word) is missing")
        case .surplusArgument(let word): Text(zh: "多余的参数 \(word)", en: "surplus argument \(word)")
        case .badValue(let name, let value, let demanded):
            Text(
                zh: "选项 --\(name) 的值 \(value) 无效, 应为 \(demanded)",
                en: "option --\(name): \(value) is not \(demanded)"
            )
        }
    }
}
