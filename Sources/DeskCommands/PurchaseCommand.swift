import CardEngine
import CommandLine
import Encodings
import FoundationEssentials
import Octets
import Purses
import Readers

/// `citizen-desk purchase`: plays a merchant's terminal for one tap. A tap that was torn is settled at the next one, and
/// never debited twice.
enum PurchaseCommand {
    static let command = DeskProgram.Command(
        word: "purchase",
        purpose: Text(zh: "消费 (扮演商户终端)", en: "buy with the card on the reader, as a merchant's terminal"),
        run: run
    )

    static let terminalOption = Option(
        "terminal",
        .value("FILE"),
        Text(zh: "终端文件 (citizend terminal add)", en: "terminal file of citizend terminal add")
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage(
            "citizen-desk purchase",
            command.purpose,
            options: [
                terminalOption, DeskProgram.readerOption,
                Option("amount", .value("FEN"), Text(zh: "金额 (分)", en: "amount in fen")), DeskProgram.jsonOption,
            ]
        )
        let options = try DeskProgram.options(arguments, usage, terminal)
        guard let amount = try options.number("amount", in: 1...10_000_000) else {
            throw UsageFault.missingOption("amount")
        }
        var shop = try open(options)
        let channel = try PCSCChannel(reader: try options.required("reader"))
        let line = try buy(UInt32(amount), &shop, channel, PurseMoment(CivilTime(seconds: DeskWork.seconds())))
        let left = line.balanceBeforeFen - line.subject.amountFen
        if options.has("json") {
            let answer: JSON = [
                "amountFen": .integer(Int64(line.subject.amountFen)), "leftFen": .integer(Int64(left)),
                "offlineSeq": .integer(Int64(line.sequence)), "terminalSeq": .integer(Int64(line.terminalSequence)),
                "tac": .string(Hex.encode(line.certificate ?? [])),
            ]
            terminal.say(answer.text)
        } else {
            terminal.say(Text(zh: "已支付 \(amount) 分, 余 \(left) 分", en: "paid \(amount) fen, \(left) left"))
        }
        return .done
    }

    static func open(_ options: Options) throws -> PurchaseTerminal {
        do { return try PurchaseTerminal(path: try options.required("terminal")) } catch let fault
            as PurchaseTerminal.Fault
        {
            throw DeskProgram.Stop.unreachable(
                Text(zh: "\(fault.path) 缺失或不符", en: "\(fault.path) is missing or malformed")
            )
        }
    }

    /// Works through the machine; a tear leaves the grey line in the journal and says so.
    private static func buy(
        _ amount: UInt32,
        _ shop: inout PurchaseTerminal,
        _ channel: any CardChannel,
        _ moment: PurseMoment
    ) throws -> SettlementLine {
        var machine = shop.machine(amountFen: amount, moment: moment)
        var event = PursePurchase.Event.presented
        while true {
            switch machine.step(event) {
            case .send(let script): event = try send(script, channel)
            case .record(let grey):
                try shop.keep("GREY", grey.line, random: grey.random)
                event = .recorded
            case .settled(let line):
                try shop.keep("WHITE", line)
                // The amount that was torn is paid now; another amount is another purchase.
                if line.subject.amountFen == amount { return line }
                machine = shop.machine(amountFen: amount, moment: moment)
                event = .presented
            case .voided(let grey):
                try shop.keep("VOID", grey.line)
                event = .noted
            case .paid(let line):
                try shop.keep("WHITE", line)
                return line
            case .refused(let reason): throw DeskProgram.Stop.refused(words(reason))
            }
        }
    }

    private static func send(_ script: CardScript, _ channel: any CardChannel) throws -> PursePurchase.Event {
        var responses: [ResponseAPDU] = []
        for relayed in script.commands {
            let octets = try channel.transmit(relayed.command.encoded, milliseconds: relayed.milliseconds)
            guard let response = ResponseAPDU(octets) else { throw CardChannelFault.gone }
            responses.append(response)
            guard relayed.pattern.matches(response.status) else {
                return .stopped(at: responses.count - 1, responses)
            }
        }
        return .answered(responses)
    }

    private static func words(_ reason: PursePurchase.Reason) -> Text {
        switch reason {
        case .refused(StatusWord(0x9401)): Text(zh: "余额不足", en: "too little money in the purse")
        case .refused(let status): Text(zh: "卡片拒绝 \(status)", en: "the card refused: \(status)")
        case .malformed: Text(zh: "卡片回答不符", en: "the card's answer is malformed")
        case .foreignCard: Text(zh: "非本市卡", en: "not a card of this city")
        case .keyVersion: Text(zh: "密钥版本未知", en: "the card's key version is unknown")
        case .answerCode: Text(zh: "MAC2 不符, 记为灰交易", en: "MAC2 is wrong: the line stays grey")
        case .undecided: Text(zh: "灰交易未决", en: "the earlier grey line is neither proven nor void")
        case .cryptography: Text(zh: "终端密钥不可用", en: "the terminal's key cannot be used")
        }
    }
}

/// `citizen-desk settle`: the terminal's settlement file, written, sent, or both.
enum SettleCommand {
    static let command = DeskProgram.Command(
        word: "settle",
        purpose: Text(zh: "生成并上传结算文件", en: "write and send a terminal's settlement file"),
        run: run
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage(
            "citizen-desk settle",
            command.purpose,
            options: [
                DeskProgram.deskOption, PurchaseCommand.terminalOption,
                Option("out", .value("FILE"), Text(zh: "写入的文件", en: "file to write")),
                Option("file", .value("FILE"), Text(zh: "上传此文件", en: "file to send")), DeskProgram.jsonOption,
            ]
        )
        let options = try DeskProgram.options(arguments, usage, terminal)
        if let out = options["out"] {
            let file = try PurchaseCommand.open(options).settlement(day: nil)
            guard FileManager.default.createFile(atPath: out, contents: Data(file.encoded)) else {
                throw DeskProgram.Stop.unreachable(Text(zh: "无法写入 \(out)", en: "cannot write \(out)"))
            }
        }
        guard let path = options["file"] else { return .done }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DeskProgram.Stop.unreachable(Text(zh: "无法读取 \(path)", en: "cannot read \(path)"))
        }
        let call = try ServiceCall(DeskProgram.folder(options, terminal))
        let answer = try await call.file("/api/v1/settlements", Array(data), type: "text/tab-separated-values")
        let findings = answer["findings"]?.array ?? []
        if options.has("json") {
            terminal.say(answer.text)
        } else {
            let (accepted, fen) = (answer["accepted"]?.integer ?? 0, answer["acceptedFen"]?.integer ?? 0)
            terminal.say(Text(zh: "入账 \(accepted) 行 \(fen) 分", en: "accepted \(accepted) lines, \(fen) fen"))
        }
        for finding in findings {
            let (line, verdict) = (finding["line"]?.integer ?? 0, finding["verdict"]?.string ?? "")
            terminal.complain(Text(zh: "第 \(line) 行: \(verdict)", en: "line \(line): \(verdict)"))
        }
        let isClean = findings.allSatisfy { ["repeated", "grey"].contains($0["verdict"]?.string) }
        return isClean ? .done : .refused
    }
}
