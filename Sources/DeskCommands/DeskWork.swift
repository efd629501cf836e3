import Encodings
import CardEngine
import CommandLine
import FoundationEssentials
import Readers
import ServiceClient

/// Works for one reader until its job is over: waits for a card, carries batches, asks for the same card after a tear.
struct DeskWork: Sendable {
    private let folder: DeskFolder
    private let reader: String
    private let terminal: Terminal
    private let isQuiet: Bool
    /// The job that is waited for; nil for an agent, which takes what comes.
    private let job: String?

    init(_ folder: DeskFolder, reader: String, _ terminal: Terminal, isQuiet: Bool, job: String? = nil) {
        self.job = job
        self.folder = folder
        self.reader = reader
        self.terminal = terminal
        self.isQuiet = isQuiet
    }

    /// The service's word for how the job ended. Gives up after five minutes without a card or a service.
    func finish() async throws -> String {
        let client = try folder.relayClient()
        let terminal = terminal
        let isQuiet = isQuiet
        let agent = RelayAgent(
            folder,
            client: client,
            reader: reader,
            askPIN: { question in
                switch question {
                case .newPIN:
                    terminal.secret(
                        "CITIZEN_NEW_PIN",
                        Text(zh: "请持卡人输入新密码 (6-8 位数字)", en: "holder: new PIN, 6 to 8 digits")
                    )
                case .currentPIN: terminal.secret("CITIZEN_PIN", Text(zh: "请持卡人输入密码", en: "holder: PIN"))
                }
            },
            progress: { step in if !isQuiet { terminal.say("  … \(step)") } }
        )
        let limit = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < limit {
            guard try await waitForCard() else { continue }
            do {
                switch try await agent.work(now: Self.seconds) {
                case .idle: if let over = try await ending() { return over }
                case .ended("presentAgain"), .interrupted:
                    note(Text(zh: "卡片中断, 请重新放入同一张卡", en: "the card was interrupted: present the same card again"))
                    try await Task.sleep(for: .milliseconds(700))
                case .ended("otherCard"):
                    note(Text(zh: "这不是该任务的卡片, 请放入正确的卡", en: "this is not the job's card: present the right one"))
                    return "otherCard"
                case .ended(let ending): return ending
                }
            } catch let fault as ClientFault {
                // The service is away for a moment: what it had proven is in its database.
                note(Text(zh: "服务暂不可达, 重试 (\(fault))", en: "the service is away, trying again (\(fault))"))
                try await Task.sleep(for: .milliseconds(500))
                if let over = try? await ending() { return over }
            } catch let problem as ServiceCall.Problem where problem.status >= 500 {
                note(Text(zh: "服务暂不可用, 重试", en: "the service is not ready, trying again"))
                try await Task.sleep(for: .milliseconds(500))
                if let over = try? await ending() { return over }
            }
        }
        throw DeskProgram.Stop.unreachable(Text(zh: "五分钟内未完成", en: "not finished within five minutes"))
    }

    /// Refuses a reader that is not there, before anything is ordered for it.
    static func demand(_ reader: String) throws {
        guard try PCSCContext().readers().contains(reader) else { throw CardChannelFault.noReader(reader) }
    }

    /// How the job ended, when only the last answer of the service was lost.
    private func ending() async throws -> String? {
        guard let job else { return nil }
        let status = try await ServiceCall(folder).send("GET", "/api/v1/jobs/\(job)")
        let isLoad = status["purpose"]?.string == "load"
        switch status["state"]?.string {
        case "READY": return "finished"
        case "DONE": return isLoad ? "loaded" : "activated"
        case "QUARANTINE": return isLoad ? "review" : "setAside"
        case "CANCELLED": return isLoad ? "loadRefused" : "setAside"
        default: return nil
        }
    }

    private func note(_ text: Text) { if !isQuiet { terminal.complain(text) } }

    private func waitForCard() async throws -> Bool {
        let context = try PCSCContext()
        for _ in 0..<40 {
            let names = try context.readers()
            guard names.contains(reader) else { throw CardChannelFault.noReader(reader) }
            if try context.presence(reader).hasCard { return true }
            try await Task.sleep(for: .milliseconds(250))
        }
        note(Text(zh: "等待放卡: \(reader)", en: "waiting for a card in \(reader)"))
        return false
    }

    static let seconds: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
}
