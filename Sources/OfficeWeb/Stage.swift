import Cards
import CardEngine
import Office

/// 阶段 What a clerk sees of a job: the phases of the machine in a few words, and which of them are behind us.
struct Stage: Hashable, Sendable {
    let words: Words
    /// The machine's own names for it.
    private let phases: Set<String>

    /// The stages of a purpose, in order.
    static func all(_ purpose: StartJob.Purpose) -> [Stage] {
        switch purpose {
        case .issue:
            [
                Stage("识别卡片", "Recognise the chip", [.identify]), Stage("更换密钥", "Replace the keys", [.keys, .retire]),
                Stage("写入资料与照片", "Write particulars and photo", [.citizenData, .photo]),
                Stage("生成证书密钥", "Make keys and certificates", [.pivKeys, .pivObjects, .securityObject]),
                Stage("钱包与应用", "Purse and applications", [.purse, .applications]),
                Stage("读回核对", "Read back and compare", [.readIdentity, .readCitizen, .proof]),
            ]
        case .activate:
            [
                Stage(words: Words("识别卡片", "Recognise the card"), phases: ["identify", "question"]),
                Stage(words: Words("启用密码", "Open the PIN"), phases: ["transport-pin"]),
                Stage(words: Words("持卡人设置密码", "The holder sets the PIN"), phases: ["holder-pin"]),
                Stage(words: Words("锁定并生效", "Secure and put in force"), phases: ["secure"]),
            ]
        case .load:
            [
                Stage(words: Words("识别卡片", "Recognise the card"), phases: ["identify"]),
                Stage(words: Words("核对余额", "Check the balance"), phases: ["load-initialize", "load-prove"]),
                Stage(words: Words("充入金额", "Credit the amount"), phases: ["load-credit"]),
            ]
        }
    }

    /// How many stages of a job are behind it.
    static func done(_ job: JobSheet) -> Int {
        let stages = all(job.purpose)
        switch job.state {
        case .ready, .done: return stages.count
        case .queued, .assigned: return 0
        case .running, .unknown, .printing, .quarantine, .cancelled:
            guard job.phase != PersonalisationPhase.finished.rawValue else { return stages.count }
            return stages.firstIndex { $0.phases.contains(job.phase) } ?? 0
        }
    }

    private init(words: Words, phases: Set<String>) {
        self.words = words
        self.phases = phases
    }

    private init(_ chinese: String, _ english: String, _ phases: [PersonalisationPhase]) {
        self.init(words: Words(chinese, english), phases: Set(phases.map(\.rawValue)))
    }
}
