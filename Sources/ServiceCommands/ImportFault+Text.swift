import CommandLine
import Office

extension ImportFault {
    /// The sentence for the person at the terminal.
    var text: Text {
        switch self {
        case .file(let path): Text(zh: "无法读取文件 \(path)", en: "the file \(path) cannot be read")
        case .report(let path): Text(zh: "无法写入退回清单 \(path)", en: "the report \(path) cannot be written")
        case .columns(let unknown, let missing, let repeated):
            Text(
                zh: "首行列名不符。" + Self.list("未知", unknown) + Self.list("缺少", missing) + Self.list("重复", repeated),
                en: "The first line does not name the columns. " + Self.list("unknown", unknown)
                    + Self.list("missing", missing) + Self.list("twice", repeated)
            )
        case .encoding:
            Text(zh: "系统缺少 GB 18030 转换表", en: "this system has no table for GB 18030")
        case .refused(.forbidden(_, let role)):
            Text(zh: "角色 \(role) 无权导入居民", en: "the role \(role) may not import residents")
        case .refused(.conflict(.importRunning)):
            Text(zh: "该文件正由另一进程导入", en: "another process is importing this file")
        case .refused(.unavailable(.disk)):
            Text(
                zh: "数据库所在磁盘已满: 腾出空间后用同一文件继续",
                en: "the disk under the database is full: make room, then the same file goes on"
            )
        case .refused(.unavailable(let part)):
            Text(
                zh: "服务组件 \(part.rawValue) 不可用; 稍后用同一文件继续",
                en: "\(part.rawValue) cannot be reached; the same file goes on later"
            )
        case .refused(.unknownOutcome):
            Text(zh: "最后一批结果未知; 用同一文件继续即可", en: "the last batch's outcome is unknown; the same file goes on")
        case .refused: Text(zh: "导入被拒绝", en: "the import was refused")
        }
    }

    var exitCode: ExitCode {
        switch self {
        case .columns, .encoding: .refused
        case .file, .report, .refused(.unavailable), .refused(.unknownOutcome): .unreachable
        case .refused: .refused
        }
    }

    private static func list(_ word: String, _ names: [String]) -> String {
        names.isEmpty ? "" : "\(word): \(names.joined(separator: ", ")). "
    }
}
