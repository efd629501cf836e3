import CardEngine
import CommandLine
import Encodings
import Octets
import Readers

/// `citizen-desk lift-loss`: the found card lies in the reader and its chip answers the service's challenge.
enum LiftLossCommand {
    static let command = DeskProgram.Command(
        word: "lift-loss",
        purpose: Text(zh: "解挂 (卡片在读卡器上)", en: "lift a loss report with the card on the reader"),
        run: run
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage(
            "citizen-desk lift-loss",
            command.purpose,
            options: [
                DeskProgram.deskOption, DeskProgram.readerOption, LifeCommands.cardOption, LifeCommands.reasonOption,
                DeskProgram.jsonOption,
            ]
        )
        let options = try DeskProgram.options(arguments, usage, terminal)
        let reader = try options.required("reader")
        let card = try options.required("card")
        let reason = try options.required("reason")
        let call = try ServiceCall(DeskProgram.folder(options, terminal))
        let asked = try await call.write("/api/v1/cards/\(card)/loss/challenge", [:])
        guard let digest = asked["digest"]?.string.flatMap({ try? Hex.decode($0) }),
            let challenge = asked["challenge"]?.string
        else { throw DeskProgram.Stop.unreachable(Text(zh: "回答不符", en: "the answer is malformed")) }
        guard let signature = try signature(of: digest, PCSCChannel(reader: reader)) else {
            throw DeskProgram.Stop.refused(Text(zh: "卡片未应答验证", en: "the card has not answered the challenge"))
        }
        let body: JSON = [
            "challenge": .string(challenge), "signature": .string(Hex.encode(signature)), "reason": .string(reason),
        ]
        LifeCommands.say(try await call.write("/api/v1/cards/\(card)/loss/lift", body), options, terminal)
        return .done
    }

    /// GENERAL AUTHENTICATE with the key of slot 9E, which asks for no PIN (SP 800-73-4, 3.2.4).
    private static func signature(of digest: [UInt8], _ channel: any CardChannel) throws -> [UInt8]? {
        let select = CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.piv, expected: 256)
        guard ResponseAPDU(try channel.transmit(select.encoded, milliseconds: 2000))?.status.isSuccess == true else {
            return nil
        }
        let request = BERTLV(0x7C, [0x82, 0x00, 0x81, 0x20] + digest).encoded
        let command = CommandAPDU(0x00, 0x87, 0x11, PIVSlot.proof.rawValue, request, expected: 256)
        guard let answer = ResponseAPDU(try channel.transmit(command.encoded, milliseconds: 5000)),
            answer.status.isSuccess, let template = try? BERTLV.one(answer.data), template.tag == 0x7C
        else { return nil }
        return try? template.children().value(0x82)
    }
}
