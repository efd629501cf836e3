import CardEngine
@testable import CardSimulator
import Cryptography
import KeyHierarchy
import Octets
import Office
import Tokens

/// 窗口替身 Plays the desk agent with one virtual card in its reader: the agent's checks, its chain and its words, and
/// what may go wrong between a card and the service.
final class DeskDouble {
    /// Where a command is torn: before it reaches the card, or after the card has carried it out.
    enum Cut: Sendable { case before, after }

    let desk: String
    let hall: String
    let reader: String
    var relay: RelayService
    var card: VirtualCard?
    /// What the holder types.
    var pin = "482915"
    /// The command, counted over the double's life, at which the card is torn out once.
    var cut: (at: Int, cut: Cut)?
    /// What a dishonest reader makes of an answer.
    var forge: (RelayedCommand, [UInt8]) -> [UInt8] = { $1 }
    /// What a dishonest agent makes of a result.
    var alter: (RelayResult) -> RelayResult = { $0 }
    private(set) var commands = 0
    private(set) var writes = 0
    private(set) var steps: [String] = []
    /// The last result as it was sent, with the reply to it.
    private(set) var last: (result: RelayResult, reply: RelayService.Reply)?
    private let batchKey: PublicKey
    private var chain = RelayChain(head: [])
    private var job = ""
    private var lastNumber = 0

    init(_ relay: RelayService, batchKey: PublicKey, reader: String, desk: String = "D1", hall: String = "H1") {
        self.relay = relay
        self.batchKey = batchKey
        self.reader = reader
        self.desk = desk
        self.hall = hall
    }

    /// Asks for the reader's job and carries its batches until the service says that it is over; nil when there is none.
    func work() async throws -> RelayService.Ending? {
        var reply = try await relay.next(desk: desk, hall: hall, reader: reader)
        while case .batch(let text) = reply {
            let batch = try RelayBatch(CompactSignature.verify(text, type: RelayBatch.type, key: batchKey))
            steps.append(batch.step)
            let result = alter(carried(batch))
            reply = try await relay.answer(result, desk: desk)
            last = (result, reply)
        }
        guard case .ended(let ending) = reply else { return nil }
        return ending
    }

    /// Carries one batch to the card, as the agent does.
    func carried(_ batch: RelayBatch) -> RelayResult {
        if batch.job != job {
            job = batch.job
            lastNumber = 0
            chain = RelayChain(job: batch.job)
        }
        guard batch.desk == desk, batch.reader == reader, batch.number > lastNumber, batch.previous == chain.head else {
            return result(batch, .refused, [])
        }
        lastNumber = batch.number
        guard card != nil else { return result(batch, .noCard, []) }
        if batch.reset == .yes { card?.reset() }
        var responses: [[UInt8]] = []
        for relayed in batch.commands {
            guard let octets = filled(relayed) else { return result(batch, .refused, []) }
            let answer = forge(relayed, transmitted(octets))
            responses.append(answer)
            chain.add(relayed, response: answer)
            guard let response = ResponseAPDU(answer) else { return result(batch, .tear, responses) }
            guard relayed.pattern.matches(response.status) else { return result(batch, .unexpectedStatus, responses) }
        }
        return result(batch, .done, responses)
    }

    private func transmitted(_ octets: [UInt8]) -> [UInt8] {
        commands += 1
        let torn = cut.flatMap { $0.at == commands ? $0.cut : nil }
        if torn != nil { cut = nil }
        guard torn != .before else {
            card?.reset()
            return []
        }
        let before = card?.image
        let answer = card?.process(octets) ?? []
        if card?.image != before { writes += 1 }
        guard torn != .after else {
            card?.reset()
            return []
        }
        return answer
    }

    private func filled(_ relayed: RelayedCommand) -> [UInt8]? {
        var octets = relayed.command.encoded
        for fill in relayed.fills {
            guard (6...8).contains(pin.utf8.count) else { return nil }
            let padded = Array(pin.utf8) + [UInt8](repeating: 0xFF, count: fill.length - pin.utf8.count)
            octets.replaceSubrange(fill.offset..<fill.offset + fill.length, with: padded)
        }
        return octets
    }

    private func result(_ batch: RelayBatch, _ status: RelayResult.Status, _ responses: [[UInt8]]) -> RelayResult {
        RelayResult(
            job: batch.job,
            number: batch.number,
            nonce: batch.nonce,
            desk: desk,
            reader: reader,
            status: status,
            responses: responses,
            chain: chain.head,
            cardMicroseconds: 7
        )
    }
}

extension RelayResult {
    /// The same result with some members changed.
    func with(
        nonce: [UInt8]? = nil,
        status: Status? = nil,
        responses: [[UInt8]]? = nil,
        chain: [UInt8]? = nil
    ) -> RelayResult {
        RelayResult(
            job: job,
            number: number,
            nonce: nonce ?? self.nonce,
            desk: desk,
            reader: reader,
            status: status ?? self.status,
            responses: responses ?? self.responses,
            chain: chain ?? self.chain,
            cardMicroseconds: cardMicroseconds
        )
    }
}

extension DeskDouble {
    /// The batch of a reply, its signature checked.
    func batch(_ reply: RelayService.Reply) throws -> RelayBatch? {
        guard case .batch(let text) = reply else { return nil }
        return try RelayBatch(CompactSignature.verify(text, type: RelayBatch.type, key: batchKey))
    }

    /// Whether the chip has left the blank state in all its applications.
    func isWhole() throws -> Bool { card.map { !$0.image.citizenIsBlank } ?? false }
}

extension CardImage {
    /// Whether no citizen's data is on the chip.
    var citizenIsBlank: Bool { citizen == CitizenApplication() }
}

extension RelayService.Reply {
    var ending: RelayService.Ending? {
        guard case .ended(let ending) = self else { return nil }
        return ending
    }

    /// What can be compared of a reply.
    var text: String {
        switch self {
        case .idle: "idle"
        case .batch(let text): text
        case .ended(let ending): ending.rawValue
        }
    }
}
