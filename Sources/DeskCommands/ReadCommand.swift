import CardEngine
import CommandLine
import Cryptography
import Encodings
import Octets
import Readers

/// `citizen-desk read`: what a card shows to anybody: number, kind, validity, certificates; with the PIN also the name.
enum ReadCommand {
    static let command = DeskProgram.Command(word: "read", purpose: Text(zh: "读卡", en: "read a card"), run: run)

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage(
            "citizen-desk read",
            command.purpose,
            options: [DeskProgram.readerOption, DeskProgram.jsonOption]
        )
        let options = try DeskProgram.options(arguments, usage, terminal)
        let channel = try PCSCChannel(reader: try options.required("reader"))
        var members: [JSON.Member] = []
        _ = try send(channel, CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.issuerDomain, expected: 256))
        let production = try send(channel, CommandAPDU(0x80, 0xCA, 0x9F, 0x7F, expected: 256))
        guard let chip = CC1.serialNumber(cplc: production.data) else {
            throw DeskProgram.Stop.refused(Text(zh: "不是本市市民卡", en: "not a citizen card of ours"))
        }
        members.append(.init("chip", .string(Hex.encodeUpper(chip))))
        let selected = try send(channel, CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.citizen, expected: 256))
        guard selected.status.isSuccess else {
            throw DeskProgram.Stop.refused(
                Text(
                    zh: "市民应用不可用: \(selected.status.meaning.chinese)",
                    en: "the citizen application is not open: \(selected.status.meaning.english)"
                )
            )
        }
        let file = try send(channel, CommandAPDU(0x00, 0xB0, 0x85, 0x00, expected: 256))
        if file.status.isSuccess, let objects = try? BERTLV.list(file.data), !objects.isEmpty {
            func text(_ tag: UInt32) -> String { (try? objects.value(tag)).map { Hex.encode($0) } ?? "" }
            members.append(.init("cardNumber", .string(text(0xC1))))
            members.append(.init("kind", .string(text(0xC5))))
            members.append(.init("validFrom", .string(text(0xC6))))
            members.append(.init("validTo", .string(text(0xC7))))
        }
        let purse = try send(channel, CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.purse, expected: 256))
        if purse.status.isAuthenticated {
            let balance = try send(channel, CommandAPDU(0x80, 0x5C, 0x00, 0x02, expected: 4))
            if balance.status.isSuccess, balance.data.count == 4 {
                let fen = balance.data.reduce(Int64(0)) { $0 << 8 | Int64($1) }
                members.append(.init("purseFen", .integer(fen)))
            }
        }
        _ = try send(channel, CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.piv, expected: 256))
        var certificates: [JSON] = []
        for slot in PIVSlot.allCases {
            guard let certificate = try certificate(slot, channel) else { continue }
            certificates.append([
                "slot": .string(slot.name), "issuer": .string(certificate.issuer),
                "subject": .string(certificate.subject),
            ])
        }
        members.append(.init("certificates", .array(certificates)))
        if options.has("json") {
            terminal.say(JSON.object(members).text)
        } else {
            for member in members where member.name != "certificates" {
                terminal.say("\(member.name)  \(member.value.string ?? member.value.text)")
            }
            for certificate in certificates {
                terminal.say("\(certificate["slot"]?.string ?? "")  \(certificate["issuer"]?.string ?? "")")
            }
        }
        return .done
    }

    private static func certificate(_ slot: PIVSlot, _ channel: any CardChannel) throws -> Certificate? {
        let request = BERTLV(0x5C, slot.certificateObject).encoded
        let answer = try send(channel, CommandAPDU(0x00, 0xCB, 0x3F, 0xFF, request, expected: 256))
        guard answer.status.isSuccess, let object = try? BERTLV.one(answer.data),
            let der = try? object.children().value(0x70)
        else { return nil }
        return try? Certificate(der: der)
    }

    /// Sends a plain command and collects a long answer.
    private static func send(_ channel: any CardChannel, _ command: CommandAPDU) throws -> ResponseAPDU {
        var data: [UInt8] = []
        var octets = try channel.transmit(command.encoded, milliseconds: 5000)
        while let answer = ResponseAPDU(octets) {
            data += answer.data
            guard answer.status.rawValue >> 8 == 0x61 else { return ResponseAPDU(data, answer.status) }
            octets = try channel.transmit(
                CommandAPDU(0x00, 0xC0, 0x00, 0x00, expected: 256).encoded,
                milliseconds: 5000
            )
        }
        throw CardChannelFault.gone
    }
}
