package import Cryptography
import Octets

/// 虚拟卡 One chip: command octets in, answer octets out. A value: a copy is a second chip in the same state.
///
/// Every change of the image is handed to `keep` before the answer leaves; what cannot be kept did not happen (6581).
package struct VirtualCard: Sendable {
    /// Writes an image so that either the old or the new one survives a cut.
    package typealias Keep = @Sendable (CardImage) throws -> Void

    /// What the card keeps without power.
    package internal(set) var image: CardImage
    let random: any RandomSource
    private let keep: Keep

    var selection: Selection
    var channel: SecureChannel?
    var handshake: SecureChannel.Handshake?
    private var waiting: [UInt8] = []
    private var chained: (first: Command, data: [UInt8])?

    /// A card that was just put under power.
    package init(_ image: CardImage, random: any RandomSource, keep: @escaping Keep = { _ in }) {
        self.image = image
        self.random = random
        self.keep = keep
        selection = Selection(image.make == .citizen ? .issuerDomain : .piv)
    }

    /// Answer to reset: T=1; historical octets say selection by name and FID, chaining, and "CC1".
    package var answerToReset: [UInt8] {
        switch image.make {
        case .citizen:
            [0x3B, 0x89, 0x80, 0x01, 0x80, 0x73, 0xDE, 0x21, 0x80, 0x53, 0x43, 0x43, 0x31, 0xE6]
        case .piv:
            [0x3B, 0x88, 0x80, 0x01, 0x50, 0x49, 0x56, 0x20, 0x43, 0x41, 0x52, 0x44, 0x72]
        }
    }

    /// Power off and on, or a reset: all that is not in the image is gone.
    package mutating func reset() {
        selection = Selection(image.make == .citizen ? .issuerDomain : .piv)
        channel = nil
        handshake = nil
        waiting = []
        chained = nil
    }

    /// One command APDU to one answer, at least its two status octets.
    package mutating func process(_ command: [UInt8]) -> [UInt8] {
        let before = image
        let reply = answer(command)
        guard image != before else { return reply.octets }
        do {
            try keep(image)
            return reply.octets
        } catch {
            image = before
            reset()
            return StatusWord.memoryFailure.octets
        }
    }

    private mutating func answer(_ octets: [UInt8]) -> Reply {
        do {
            let command = try Command(octets)
            if command.cla == 0x00, command.ins == 0xC0 { return try getResponse(command) }
            waiting = []
            return try chunked(try received(command), command)
        } catch {
            forgetWhatWasDirectlyBefore()
            return Reply(status: error)
        }
    }

    /// CLA and INS, the parts of a chain, then secure messaging: the first checks of every command.
    private mutating func received(_ command: Command) throws(StatusWord) -> Reply {
        let opening = handshake
        handshake = nil
        guard [0x00, 0x10, 0x80, 0x04, 0x84].contains(command.cla) else { throw .unknownClass }
        guard let instruction = Instruction(command), knows(instruction) else { throw .unknownInstruction }
        if channel != nil { return try secured(command, instruction) }
        guard let whole = try joined(command) else { return .done }
        guard command.isSecured else { return try perform(instruction, whole) }
        switch instruction {
        case .openSession:
            handshake = opening
            return try perform(instruction, whole)
        case .updateBinary, .updateRecord, .appendRecord, .applicationBlock:
            return try perform(instruction, whole)
        default:
            throw .accessDenied
        }
    }

    private func knows(_ instruction: Instruction) -> Bool {
        switch image.make {
        case .citizen: Instruction.known(to: selection.application).contains(instruction)
        case .piv: Instruction.foreignPIV.contains(instruction)
        }
    }

    /// A command inside an open session: wrapped ones are unwrapped; plain SELECT and INITIALIZE UPDATE end the session
    /// and are executed; any other plain one, and a wrong MAC, end it too.
    private mutating func secured(_ command: Command, _ instruction: Instruction) throws(StatusWord) -> Reply {
        guard var session = channel else { throw .internalFault }
        guard command.isSecured else {
            channel = nil
            guard instruction == .select || instruction == .initialize && command.p2 == 0x00, !command.isChained else {
                throw .accessDenied
            }
            return try perform(instruction, command)
        }
        guard let plain = try session.unwrapped(command) else {
            channel = nil
            throw .wrongMAC
        }
        channel = session
        let reply: Reply
        do { reply = try perform(instruction, plain) } catch {
            return try session.wrapped(Reply(status: error))
        }
        guard channel == session else { return reply }
        guard reply.data.count <= SecureChannel.mostPlain else { throw .wrongLength }
        return try session.wrapped(reply)
    }

    /// Collects the parts of a chain (CLA 10); nil while further parts follow.
    private mutating func joined(_ command: Command) throws(StatusWord) -> Command? {
        let earlier = chained
        chained = nil
        var data: [UInt8] = []
        if let earlier, earlier.first.ins == command.ins, earlier.first.p1p2 == command.p1p2,
            earlier.first.classGroup == command.classGroup, !command.isSecured
        {
            data = earlier.data
        }
        data += command.data
        guard data.count <= 4_096 else { throw .wrongLength }
        guard command.isChained else {
            var whole = command
            whole.data = data
            return whole
        }
        // A chained GENERAL AUTHENTICATE counts as one command for the rule of key 9C.
        if command.ins != 0x87 { forgetWhatWasDirectlyBefore() }
        chained = (command, data)
        return nil
    }

    /// Ends what only the directly following command may use.
    private mutating func forgetWhatWasDirectlyBefore() {
        selection.verifiedJustNow = false
        selection.challengedJustNow = false
        selection.list = nil
        selection.purse = nil
    }

    /// Runs the command with what the one directly before it left, if it may use that.
    private mutating func perform(_ instruction: Instruction, _ command: Command) throws(StatusWord) -> Reply {
        let before = selection
        forgetWhatWasDirectlyBefore()
        guard image.state != .terminated || instruction == .getData || instruction == .select else {
            throw .wrongState
        }
        switch instruction {
        case .select: return try select(command)
        case .getData: return try getData(command)
        case .initialize:
            if selection.application == .purse, command.p2 != 0x00 { return try initializePurse(command) }
            return try initializeUpdate(command)
        case .openSession: return try openSession(command)
        case .putKey: return try putKey(command)
        case .delete: return try deleteKey(command)
        case .setStatus: return try setStatus(command)
        case .getStatus: return try getStatus(command)
        case .storeData: return try storeData(command, after: before)
        case .readBinary: return try readBinary(command)
        case .updateBinary: return try updateBinary(command, after: before)
        case .readRecord: return try readRecord(command)
        case .updateRecord: return try updateRecord(command, after: before)
        case .appendRecord: return try appendRecord(command, after: before)
        case .applicationBlock: return try blockApplication(command, after: before)
        case .getChallenge: return try getChallenge(command)
        case .externalAuthenticate: return try externalAuthenticate(command)
        case .internalAuthenticate: return try internalAuthenticate(command)
        case .verify: return try verify(command)
        case .changeReference: return try changeReference(command)
        case .resetRetry: return try resetRetry(command)
        case .getObject: return try getObject(command)
        case .putObject: return try putObject(command)
        case .generate: return try generate(command)
        case .generalAuthenticate: return try generalAuthenticate(command, after: before)
        case .getVersion: return try getVersion(command)
        case .setManagementKey: return try setManagementKey(command)
        case .creditLoad: return try creditLoad(command, before.purse)
        case .debit: return try debit(command, before.purse)
        case .getBalance: return try getBalance(command)
        case .prove: return try prove(command)
        case .updateComposite: return try updateComposite(command, before.purse)
        }
    }

    /// A plain answer longer than Le: Le octets and 61xx, the rest by GET RESPONSE.
    private mutating func chunked(_ reply: Reply, _ command: Command) throws(StatusWord) -> Reply {
        guard reply.data.count > command.expected, channel == nil else { return reply }
        waiting = Array(reply.data.dropFirst(command.expected))
        return Reply(data: Array(reply.data.prefix(command.expected)), status: .more(waiting.count))
    }

    private mutating func getResponse(_ command: Command) throws(StatusWord) -> Reply {
        forgetWhatWasDirectlyBefore()
        handshake = nil
        chained = nil
        guard channel == nil else {
            channel = nil
            throw .accessDenied
        }
        let rest = waiting
        waiting = []
        guard !rest.isEmpty else { throw .wrongState }
        try command.parameters(0x00, 0x00)
        try command.length(0)
        return try chunked(Reply(data: rest), command)
    }
}
