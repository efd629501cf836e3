import CardEngine
import Cryptography
import Encodings
import Octets
import Readers
import ServiceClient
import Tokens

/// 窗口代理 Carries batches between the service and the card in one reader. It holds no card key and no rule: it checks
/// that a batch is signed, fresh, for this desk and reader, and in its chain; sends the commands in order; stops at the
/// first answer that was not foreseen.
///
/// One agent a reader, on a thread of its own: a card that hangs stops nobody else.
final class RelayAgent: @unchecked Sendable {
    // Used by the one thread that works for this reader.
    /// How the work on a job ended, as the service put it.
    enum Ending: Hashable, Sendable {
        case idle
        case ended(String)
        /// The card left or hung before the service had said that the job is over.
        case interrupted(RelayResult.Status)
    }

    private let folder: DeskFolder
    private let client: Client
    private let reader: String
    private let askPIN: @Sendable (PINFill.Question) -> String?
    private let progress: @Sendable (String) -> Void
    /// Where the reader's calls block, so that they hold up no other task.
    private let thread: WorkerThreads
    private var channel: (any CardChannel)?
    private var chain = RelayChain(head: [])
    private var job = ""
    private var lastNumber = 0

    init(
        _ folder: DeskFolder,
        client: Client,
        reader: String,
        askPIN: @escaping @Sendable (PINFill.Question) -> String?,
        progress: @escaping @Sendable (String) -> Void
    ) {
        self.folder = folder
        self.client = client
        self.reader = reader
        thread = WorkerThreads(count: 1, name: reader)
        self.askPIN = askPIN
        self.progress = progress
    }

    /// Asks for a job and works on it until the service says that it is over.
    func work(now: @Sendable () -> Int64) async throws -> Ending {
        var reply = try await post(
            "next",
            ["deskId": .string(folder.desk), "reader": .string(reader), "cardEvent": "inserted"]
        )
        defer { channel = nil }
        while let text = reply?["batch"]?.string {
            let batch: RelayBatch
            do {
                batch = try RelayBatch(CompactSignature.verify(text, type: RelayBatch.type, key: folder.batchKey))
            } catch { throw Refused(reason: "the batch is not signed by the service") }
            let result = try await run(batch, now: now())
            reply = try await post("result", result.json, key: Base64.encode(batch.nonce, .url))
            if let ending = reply?["ended"]?.string { return .ended(ending) }
            if result.status != .done && result.status != .unexpectedStatus { return .interrupted(result.status) }
        }
        if let ending = reply?["ended"]?.string { return .ended(ending) }
        return .idle
    }

    /// The agent does not carry a batch that is not in order.
    struct Refused: Error { let reason: String }

    private func run(_ batch: RelayBatch, now: Int64) async throws -> RelayResult {
        if batch.job != job {
            job = batch.job
            lastNumber = 0
            chain = RelayChain(job: batch.job)
        }
        guard batch.desk == folder.desk, batch.reader == reader, batch.expires >= now, batch.number > lastNumber,
            batch.previous == chain.head
        else { return result(batch, .refused, [], 0) }
        lastNumber = batch.number
        progress(batch.step)
        let (status, responses, microseconds) = try await thread.run { self.transmit(batch) }
        return result(batch, status, responses, microseconds)
    }

    private func result(
        _ batch: RelayBatch,
        _ status: RelayResult.Status,
        _ responses: [[UInt8]],
        _ microseconds: Int64
    ) -> RelayResult {
        RelayResult(
            job: batch.job,
            number: batch.number,
            nonce: batch.nonce,
            desk: folder.desk,
            reader: reader,
            status: status,
            responses: responses,
            chain: chain.head,
            cardMicroseconds: microseconds
        )
    }

    private func transmit(_ batch: RelayBatch) -> (RelayResult.Status, [[UInt8]], Int64) {
        var responses: [[UInt8]] = []
        let clock = ContinuousClock()
        var spent = Duration.zero
        do throws(CardChannelFault) {
            let channel = try connected()
            if batch.reset == .yes { try channel.reset() }
            for relayed in batch.commands {
                guard let command = filled(relayed) else { return (.refused, [], 0) }
                let begun = clock.now
                let answer = try channel.transmit(command, milliseconds: relayed.milliseconds)
                spent += clock.now - begun
                responses.append(answer)
                chain.add(relayed, response: answer)
                guard let response = ResponseAPDU(answer) else {
                    self.channel = nil
                    return (.tear, responses, spent.microseconds)
                }
                guard relayed.pattern.matches(response.status) else {
                    return (.unexpectedStatus, responses, spent.microseconds)
                }
            }
            return (.done, responses, spent.microseconds)
        } catch {
            self.channel = nil
            let status: RelayResult.Status =
                switch error {
                case .stuck: .stuck
                case .noCard, .noReader, .noService, .busy: .noCard
                case .gone, .reader: .tear
                }
            return (status, responses, spent.microseconds)
        }
    }

    private func connected() throws(CardChannelFault) -> any CardChannel {
        if let channel { return channel }
        let opened = try PCSCChannel(reader: reader)
        channel = opened
        return opened
    }

    /// The command with the PINs that the holder typed; nil when none was given.
    private func filled(_ relayed: RelayedCommand) -> [UInt8]? {
        var octets = relayed.command.encoded
        for fill in relayed.fills {
            guard let pin = askPIN(fill.question), (6...8).contains(pin.utf8.count),
                pin.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            let padded = Array(pin.utf8) + [UInt8](repeating: 0xFF, count: fill.length - pin.utf8.count)
            octets.replaceSubrange(fill.offset..<fill.offset + fill.length, with: padded)
        }
        return octets
    }

    /// A post to the relay; nil for "nothing to do". The key lets a kept connection be used again.
    private func post(_ name: String, _ body: JSON, key: String? = nil) async throws -> JSON? {
        let key = key ?? Base64.encode(SystemRandom().octets(12), .url)
        let response = try await client.send(
            "POST",
            "/api/v1/perso/\(name)",
            fields: ["content-type": "application/json", "idempotency-key": key],
            body: body.encoded
        )
        guard response.status != 204 else { return nil }
        let json = try JSONReader.read(response.body, sizeLimit: 1_048_576)
        guard response.isSuccess else {
            throw ServiceCall.Problem(
                status: response.status,
                title: json["title"]?.string ?? "HTTP \(response.status)",
                detail: json["detail"]?.string ?? ""
            )
        }
        return json
    }
}

extension Duration {
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
