package import Cryptography

/// One command to relay, with the status words that let the next one go out.
package struct RelayedCommand: Hashable, Sendable {
    package let command: CommandAPDU
    package let pattern: StatusPattern
    /// How long the card may take before the reader counts as stuck (CC-1, 1.4).
    package let milliseconds: Int
    /// Where the desk puts in a PIN that neither server nor browser may see.
    package let fills: [PINFill]
    /// Whether the body is left out of the hash chain, because it holds a PIN.
    package let isSensitive: Bool

    package init(
        _ command: CommandAPDU,
        _ pattern: StatusPattern = .success,
        milliseconds: Int = 2000,
        fills: [PINFill] = [],
        isSensitive: Bool = false
    ) {
        self.command = command
        self.pattern = pattern
        self.milliseconds = milliseconds
        self.fills = fills
        self.isSensitive = isSensitive
    }
}

/// A place in a command that the desk agent fills after asking the holder (CC-1, 4.2).
package struct PINFill: Hashable, Sendable {
    /// Which PIN is asked for.
    package enum Question: String, Hashable, Sendable {
        case newPIN = "new-pin"
        case currentPIN = "pin"
    }

    /// Octets before the place, in the encoded command.
    package let offset: Int
    package let length: Int
    package let question: Question

    package init(offset: Int, length: Int, question: Question) {
        self.offset = offset
        self.length = length
        self.question = question
    }
}

/// 指令批 What goes to the card in one round trip, and how its answers are proven afterwards.
///
/// The commands before `channel` was opened are plain; those added with `secure` are wrapped. A secure script opens
/// with SELECT, INITIALIZE UPDATE and EXTERNAL AUTHENTICATE.
package final class CardScript {
    package private(set) var commands: [RelayedCommand] = []
    private let channel: SecureChannel?
    /// The index in `commands` of the answer to INITIALIZE UPDATE and of the first wrapped command.
    private var initializeIndex = 0
    private var wrappedIndexes: [Int] = []

    /// A script without a session.
    package init() { channel = nil }

    /// A script whose session stands in the application named.
    package init(channel: SecureChannel, selecting application: [UInt8]) throws(CryptographyFault) {
        self.channel = channel
        commands = [
            RelayedCommand(CommandAPDU(0x00, 0xA4, 0x04, 0x00, application, expected: 256), StatusPattern.selected)
        ]
        commands.append(RelayedCommand(channel.initializeUpdate))
        initializeIndex = 1
        commands.append(RelayedCommand(try channel.externalAuthenticate()))
    }

    /// Whether the desk has to ask a person for a PIN.
    package var asksForPIN: Bool { commands.contains { !$0.fills.isEmpty } }

    /// Adds a command as it is.
    package func plain(_ command: RelayedCommand) { commands.append(command) }

    /// Adds a command under secure messaging; gives its place among the proven answers.
    @discardableResult
    package func secure(_ command: CommandAPDU, milliseconds: Int = 2000) throws(CryptographyFault) -> Int {
        guard let channel else { throw .invalid("a script without a session") }
        wrappedIndexes.append(commands.count)
        commands.append(RelayedCommand(try channel.wrap(command), milliseconds: milliseconds))
        return wrappedIndexes.count - 1
    }

    /// Adds the list of data groups as STORE DATA blocks of at most 239 octets (CC-1, 2.5).
    package func store(_ groups: [DataGroup]) throws(CryptographyFault) {
        guard let channel else { throw .invalid("a script without a session") }
        var octets: [UInt8] = []
        for group in groups { octets += try group.encoded(sealing: channel) }
        guard octets.count <= 4096 else { throw .invalid("list of \(octets.count) octets") }
        var block: UInt8 = 0
        var rest = octets[...]
        repeat {
            let part = Array(rest.prefix(239))
            rest = rest.dropFirst(239)
            try secure(CommandAPDU(0x80, 0xE2, rest.isEmpty ? 0x88 : 0x08, block, part), milliseconds: 5000)
            block += 1
        } while !rest.isEmpty
        lastList = Digest.sha256.hash(octets)
    }

    /// SHA-256 of the last list stored: what DF30 of the application must show afterwards.
    package private(set) var lastList: [UInt8]?

    /// The card's real sequence counter, when it stands elsewhere than foreseen.
    package func movedCounter(_ responses: [ResponseAPDU]) -> UInt32? {
        guard let channel, responses.count > initializeIndex else { return nil }
        do throws(SecureChannel.Fault) {
            try channel.check(initializeAnswer: responses[initializeIndex].data)
            return nil
        } catch {
            guard case .sequence(let actual) = error else { return nil }
            return actual
        }
    }

    /// Proves the session's opening and every wrapped answer; gives their plain forms in the order of `secure`.
    package func proven(_ responses: [ResponseAPDU]) throws(SecureChannel.Fault) -> [ResponseAPDU] {
        guard let channel else { return responses }
        guard responses.count > initializeIndex else { throw .malformed }
        try channel.check(initializeAnswer: responses[initializeIndex].data)
        var answers: [ResponseAPDU] = []
        for (index, place) in wrappedIndexes.enumerated() where place < responses.count {
            answers.append(try channel.unwrap(responses[place], index: index))
        }
        return answers
    }
}

extension StatusPattern {
    /// A selected application, locked or not.
    package static let selected = StatusPattern("9000|6283") ?? .success
    /// A long plain answer, whose rest is asked for.
    package static let more = StatusPattern("9000|61xx") ?? .success
}

/// 数据分组 One data group of STORE DATA (CC-1, 2.5).
package struct DataGroup: Hashable, Sendable {
    package let tag: UInt16
    package let value: [UInt8]

    package init(_ tag: UInt16, _ value: [UInt8]) {
        self.tag = tag
        self.value = value
    }

    /// DGI ‖ length ‖ value; groups 80xx are first enciphered under the session set's DEK.
    func encoded(sealing channel: SecureChannel) throws(CryptographyFault) -> [UInt8] {
        let content = tag >> 8 == 0x80 ? try channel.sealed(value) : value
        let length: [UInt8] =
            content.count < 0xFF
            ? [UInt8(content.count)] : [0xFF, UInt8(content.count >> 8), UInt8(content.count & 0xFF)]
        return [UInt8(tag >> 8), UInt8(tag & 0xFF)] + length + content
    }
}
