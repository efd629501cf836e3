import CardEngine
import Cards
import Database
import Identity
import Octets
import Office

/// 措辞 Codes and states in words.
enum Wording {
    /// 北京时间 A moment as a clock on the wall shows it.
    static func time(_ moment: Timestamp) -> String {
        let text = CivilTime(seconds: moment.seconds + 8 * 3600).iso8601
        return String(text.prefix(16)).replacing("T", with: " ")
    }

    /// Eight digits as a date.
    static func date(_ compact: String) -> String {
        guard compact.utf8.count == 8 else { return compact }
        return "\(compact.prefix(4))-\(compact.dropFirst(4).prefix(2))-\(compact.suffix(2))"
    }

    static func state(_ state: CardState) -> HTML {
        let words = state.words
        return "<span class=\"badge \(tone(state))\">\(Words(words.chinese, words.english))</span>"
    }

    static func state(_ state: JobState) -> HTML {
        "<span class=\"badge \(tone(state))\">\(words(state))</span>"
    }

    static func kind(_ kind: CardKind) -> Words {
        switch kind {
        case .ordinary: Words("普通卡", "ordinary")
        case .senior: Words("敬老卡", "senior")
        case .student: Words("学生卡", "student")
        case .minor: Words("未成年人卡", "minor")
        case .disabled: Words("残疾人卡", "disabled person")
        case .publicStaff: Words("公务卡", "public staff")
        }
    }

    static func kind(number: Int16) -> Words { CardKind(rawValue: number).map(kind) ?? Words(String(number), "") }

    static func document(_ code: String) -> Words {
        switch DocumentType(rawValue: code) {
        case .residentCard: Words("居民身份证", "resident ID")
        case .passport: Words("护照", "passport")
        case .hongKongMacaoPermit: Words("港澳居民来往内地通行证", "Hong Kong and Macao permit")
        case .taiwanPermit: Words("台湾居民来往大陆通行证", "Taiwan permit")
        case .permanentResidence: Words("外国人永久居留身份证", "permanent residence")
        case .residencePermit: Words("港澳台居民居住证", "residence permit")
        case .householdRegister: Words("户口簿", "household register")
        case nil: Words(code, "")
        }
    }

    static func sex(_ code: String) -> Words {
        switch Sex(rawValue: code) {
        case .male: Words("男", "male")
        case .female: Words("女", "female")
        case .notTold: Words("未说明", "not told")
        case .unknown, nil: Words("未知", "unknown")
        }
    }

    static func purpose(_ purpose: StartJob.Purpose) -> Words {
        switch purpose {
        case .issue: Words("制卡", "making a card")
        case .activate: Words("领卡激活", "activation")
        case .load: Words("圈存", "load of the purse")
        }
    }

    static func words(_ state: JobState) -> Words {
        switch state {
        case .queued: Words("等待窗口", "waiting for the desk")
        case .assigned: Words("窗口已接收", "taken by the desk")
        case .running: Words("进行中", "running")
        case .unknown: Words("等待同一张卡", "waiting for the same card")
        case .printing: Words("打印中", "printing")
        case .ready: Words("制卡完成", "ready")
        case .done: Words("已完成", "done")
        case .quarantine: Words("隔离待查", "set aside")
        case .cancelled: Words("已取消", "cancelled")
        }
    }

    private static func tone(_ state: CardState) -> String {
        switch state {
        case .active: "good"
        case .ordered, .personalising, .personalised: "under-way"
        case .quarantine, .lost, .reported, .suspended, .damaged, .pendingRefund: "warn"
        case .none, .expired, .replaced, .cancelled, .destroyed: "over"
        }
    }

    private static func tone(_ state: JobState) -> String {
        switch state {
        case .ready, .done: "good"
        case .queued, .assigned, .running, .printing: "under-way"
        case .unknown, .quarantine: "warn"
        case .cancelled: "over"
        }
    }
}
