import CardSimulator
import CommandLine
import Cryptography
import Foundation
import Octets

/// One call of the program: which card, which reader.
struct SimulatorCall {
    /// A call that was well formed and cannot be carried out.
    enum Refusal: Error {
        case state(CardStore.Fault)
        case otherCard(path: String)
        case lotMaster(path: String)
        case notWritable(path: String)

        var exitCode: ExitCode {
            switch self {
            case .state(.unreadable), .notWritable: .unreachable
            case .state(.malformed), .otherCard, .lotMaster: .refused
            }
        }

        var text: Text {
            switch self {
            case .state(.unreadable(let path)): Text(zh: "无法读取 \(path)", en: "\(path) cannot be read")
            case .state(.malformed(let path)): Text(zh: "\(path) 不是卡片映像", en: "\(path) is not the image of a card")
            case .otherCard(let path):
                Text(zh: "\(path) 是另一张卡或另一种卡", en: "\(path) holds another card or another kind of card")
            case .lotMaster(let path):
                Text(zh: "\(path) 不是 16 字节批次主密钥的十六进制", en: "\(path) is not a lot master of 16 octets in hexadecimal")
            case .notWritable(let path): Text(zh: "无法写入 \(path)", en: "\(path) cannot be written")
            }
        }
    }

    private static let profiles = ["blank", "cc-1", "cc-1-gm", "piv"]
    private static let testLotMaster: [UInt8] = Array(0x40...0x4F)

    static let usage = Usage(
        "card-simulator",
        Text(
            zh: "虚拟卡: 以 vpcd 协议把一张 CC-1 卡或 PIV 卡插入虚拟读卡器",
            en: "a virtual card: puts one CC-1 or PIV card into a virtual reader over the vpcd protocol"
        ),
        options: [
            Option("port", .value("N"), Text(zh: "读卡器端口 (必需)", en: "the reader's port (required)")),
            Option("profile", .value("NAME"), Text(zh: profilesZh, en: profilesEn)),
            Option("state", .value("FILE"), Text(zh: "卡片状态文件, 没有则新建", en: "the card's state, made when absent")),
            Option("csn", .value("HEX"), Text(zh: "新卡的芯片序列号, 20 位", en: "serial of a new card, 20 digits")),
            Option("lot-master-file", .value("FILE"), Text(zh: "批次主密钥", en: "lot master, 32 hexadecimal digits")),
            Option("fault", .value("SPEC"), Text(zh: "故障注入, 见下", en: "faults to play, see below")),
            Option("control", .value("SOCKET"), Text(zh: "控制套接字路径", en: "path of the control socket")),
            Option("wait", .value("SECONDS"), Text(zh: "等待读卡器, 默认 5", en: "patience for the reader, default 5")),
            Option(
                "return-after",
                .value("MS"),
                Text(zh: "断开后多久插回, 默认 1000, 0 为不插回", en: "a cut card returns, default 1000, 0 never")
            ),
        ],
        notes: [
            Text(zh: FaultPlan.grammar, en: FaultPlan.grammar),
            Text(zh: controlCommands, en: controlCommands),
        ]
    )

    private static let profilesZh = "blank, cc-1, cc-1-gm (同一芯片) 或 piv, 默认 blank"
    private static let profilesEn = "blank, cc-1, cc-1-gm (one chip), or piv; default blank"
    private static let controlCommands = "control socket: insert, remove, fault SPEC, stats, quit; one line each"

    private let settings: CardServer.Settings
    private let plan: FaultPlan
    private let image: CardImage
    private let store: CardStore?

    init(_ options: Options) throws {
        _ = try options.required("port")
        let port = UInt16(try options.number("port", in: 1...65_535) ?? 0)
        let absence = try options.number("return-after", in: 0...3_600_000) ?? 1_000
        settings = CardServer.Settings(
            port: port,
            control: options["control"],
            patience: try options.number("wait", in: 0...86_400) ?? 5,
            absence: absence == 0 ? nil : absence
        )
        plan = try Self.plan(options["fault"] ?? "none")
        store = options["state"].map { CardStore(path: $0) }
        image = try Self.image(options, store)
    }

    /// The server with the card in it; `announce` gets a line when the card goes in or out.
    func server(announce: @escaping (String) -> Void) -> CardServer {
        let store = store
        let random = SystemRandom()
        let start = ContinuousClock.now
        let card = VirtualCard(image, random: random) { try store?.keep($0) }
        let inserted = InsertedCard(card, plan: plan, clock: { ContinuousClock.now - start }) { path in
            let other = CardStore(path: path)
            guard let image = try other.load() else { throw CardStore.Fault.unreadable(path: path) }
            return VirtualCard(image, random: random) { try other.keep($0) }
        }
        return CardServer(inserted, settings, announce: announce)
    }

    private static func plan(_ text: String) throws(UsageFault) -> FaultPlan {
        do { return try FaultPlan(text) } catch {
            throw .badValue(option: "fault", value: error.part, demanded: "FAULT, see --help")
        }
    }

    private static func image(_ options: Options, _ store: CardStore?) throws -> CardImage {
        let profile = options["profile"] ?? "blank"
        guard profiles.contains(profile) else {
            throw UsageFault.badValue(option: "profile", value: profile, demanded: profiles.joined(separator: ", "))
        }
        let serial = try serial(options["csn"])
        let kept: CardImage?
        do { kept = try store?.load() } catch { throw Refusal.state(error) }
        if let kept {
            let isSameKind = (kept.make == .piv) == (profile == "piv")
            guard isSameKind, options["csn"] == nil || kept.serial == serial else {
                throw Refusal.otherCard(path: options["state"] ?? "")
            }
            return kept
        }
        let image =
            profile == "piv"
            ? CardImage(foreignPIV: serial)
            : try CardImage(blank: serial, lotMaster: try lotMaster(options["lot-master-file"]))
        do { try store?.keep(image) } catch { throw Refusal.notWritable(path: options["state"] ?? "") }
        return image
    }

    private static func serial(_ text: String?) throws(UsageFault) -> ChipSerial {
        guard let text else {
            return ChipSerial(number: SystemRandom().octets(4).reduce(0) { $0 << 8 | UInt32($1) })
        }
        do { return try ChipSerial(text) } catch {
            throw .badValue(option: "csn", value: text, demanded: "20 hexadecimal digits")
        }
    }

    private static func lotMaster(_ path: String?) throws(Refusal) -> [UInt8] {
        guard let path else { return testLotMaster }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let octets = try? Hex.decode(text.trimmingCharacters(in: .whitespacesAndNewlines)), octets.count == 16
        else { throw .lotMaster(path: path) }
        return octets
    }
}
