import CommandLine
import Office

/// 日志的措辞 What a contradiction or a finding in the evidence log is called for people.
enum LogWords {
    static func text(_ fault: LogFault) -> Text {
        switch fault {
        case .rolledBack(let database, let signed):
            Text(
                zh: "存证日志倒退: 数据库有 \(database) 条, 已签发检查点为 \(signed) 条; 疑似恢复了旧备份",
                en: "the log was rolled back: the database has size \(database), size \(signed) was signed"
            )
        case .forked(let size):
            Text(zh: "存证日志分叉: 大小 \(size) 有两个根", en: "the log is forked: size \(size) has two roots")
        case .entries(let found, let checkpoint):
            Text(
                zh: "条目数 \(found) 与检查点大小 \(checkpoint) 不符",
                en: "the database has \(found) entries, the last checkpoint says size \(checkpoint)"
            )
        case .root(let size):
            Text(zh: "大小 \(size) 的根与右缘不符", en: "the hashes at the right edge do not lead to the root of size \(size)")
        case .note(let size):
            Text(zh: "大小 \(size) 的签名不成立", en: "the signed note of size \(size) does not hold")
        case .copy: Text(zh: "检查点副本无效", en: "the copy of the last checkpoint does not hold")
        }
    }

    static func text(_ finding: LogAudit.Finding) -> Text {
        switch finding {
        case .fault(let fault): text(fault)
        case .missing(let index): Text(zh: "缺少条目 \(index)", en: "entry \(index) is missing")
        case .body(let index): Text(zh: "条目 \(index) 被改动", en: "entry \(index) was changed")
        case .tile(let tile, let index):
            Text(zh: "从条目 \(index) 起与瓦片 \(tile) 不符", en: "entry \(index) differs from tile \(tile)")
        case .checkpoint(let size, let from):
            Text(
                zh: "条目 \(from) 至 \(size - 1) 与大小 \(size) 的检查点不符",
                en: "entries \(from) to \(size - 1) do not lead to the checkpoint of size \(size)"
            )
        case .note(let size): Text(zh: "大小 \(size) 的签名不成立", en: "the signed note of size \(size) does not hold")
        case .surplus(let table): Text(zh: "\(table) 有多余的行", en: "\(table) has rows that no entry leads to")
        case .unproved(let table): Text(zh: "\(table) 有无存证的行", en: "\(table) has a row whose evidence is gone")
        }
    }
}
