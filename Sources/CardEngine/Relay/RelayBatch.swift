package import Encodings
import Octets

/// 指令批报文 One batch as the service signs it and the desk agent reads it (CC-1, 4.2).
package struct RelayBatch: Hashable, Sendable {
    /// Why a payload is no batch: the member.
    package struct Fault: Error, Hashable, Sendable {
        package let member: String
        package init(member: String) { self.member = member }
    }

    package let job: String
    package let number: Int
    /// 16 random octets that name this batch.
    package let nonce: [UInt8]
    package let desk: String
    package let reader: String
    package let step: String
    /// Unix seconds after which the agent refuses.
    package let expires: Int64
    /// Whether the card is reset before the first command.
    package let reset: Reset
    package let commands: [RelayedCommand]
    /// The head of the hash chain that the service holds.
    package let previous: [UInt8]

    /// What happens to the card first.
    package enum Reset: Sendable { case yes, no }

    package init(
        job: String,
        number: Int,
        nonce: [UInt8],
        desk: String,
        reader: String,
        step: String,
        expires: Int64,
        reset: Reset,
        commands: [RelayedCommand],
        previous: [UInt8]
    ) {
        self.job = job
        self.number = number
        self.nonce = nonce
        self.desk = desk
        self.reader = reader
        self.step = step
        self.expires = expires
        self.reset = reset
        self.commands = commands
        self.previous = previous
    }

    /// The JWS type of a signed batch.
    package static let type = "cc-perso-batch"

    package var json: JSON {
        [
            "v": 1, "jobId": .string(job), "batch": .integer(Int64(number)),
            "nonce": .string(Base64.encode(nonce, .url)), "deskId": .string(desk), "reader": .string(reader),
            "step": .string(step), "exp": .integer(expires), "reset": .bool(reset == .yes), "hashAlg": "SHA-256",
            "apdus": .array(commands.map(Self.json)), "prev": .string(Hex.encode(previous)),
        ]
    }

    private static func json(_ relayed: RelayedCommand) -> JSON {
        var members: [JSON.Member] = [
            .init("c", .string(Hex.encodeUpper(relayed.command.encoded))),
            .init("sw", .string(relayed.pattern.description)), .init("ms", .integer(Int64(relayed.milliseconds))),
            .init("sensitive", .bool(relayed.isSensitive)),
        ]
        if !relayed.fills.isEmpty {
            let fills = relayed.fills.map { fill -> JSON in
                [
                    "offset": .integer(Int64(fill.offset)), "length": .integer(Int64(fill.length)),
                    "ask": .string(fill.question.rawValue),
                ]
            }
            members.append(.init("fill", .array(fills)))
        }
        return .object(members)
    }

    /// Reads a payload; every member is due, none is unknown.
    package init(_ json: JSON) throws(Fault) {
        let names: Set = [
            "v", "jobId", "batch", "nonce", "deskId", "reader", "step", "exp", "reset", "hashAlg", "apdus", "prev",
        ]
        for member in json.members ?? [] where !names.contains(member.name) { throw Fault(member: member.name) }
        func due<Value>(_ member: String, _ value: Value?) throws(Fault) -> Value {
            guard let value else { throw Fault(member: member) }
            return value
        }
        guard json["v"]?.integer == 1 else { throw Fault(member: "v") }
        guard json["hashAlg"]?.string == "SHA-256" else { throw Fault(member: "hashAlg") }
        job = try due("jobId", json["jobId"]?.string)
        number = Int(try due("batch", json["batch"]?.integer))
        nonce = try due("nonce", json["nonce"]?.string.flatMap { try? Base64.decode($0, .url) })
        desk = try due("deskId", json["deskId"]?.string)
        reader = try due("reader", json["reader"]?.string)
        step = try due("step", json["step"]?.string)
        expires = try due("exp", json["exp"]?.integer)
        reset = try due("reset", json["reset"]?.bool) ? .yes : .no
        previous = try due("prev", json["prev"]?.string.flatMap { try? Hex.decode($0) })
        let items = try due("apdus", json["apdus"]?.array)
        guard nonce.count == 16, previous.count == 32, number > 0, (1...64).contains(items.count) else {
            throw Fault(member: "apdus")
        }
        var commands: [RelayedCommand] = []
        for (index, item) in items.enumerated() { commands.append(try Self.command(item, index)) }
        self.commands = commands
    }

    private static func command(_ json: JSON, _ index: Int) throws(Fault) -> RelayedCommand {
        let place = "apdus/\(index)"
        for member in json.members ?? [] where !["c", "sw", "ms", "sensitive", "fill"].contains(member.name) {
            throw Fault(member: "\(place)/\(member.name)")
        }
        guard let octets = json["c"]?.string.flatMap({ try? Hex.decode($0) }), let command = try? CommandAPDU(octets),
            let pattern = json["sw"]?.string.flatMap(StatusPattern.init),
            let milliseconds = json["ms"]?.integer, (1...90_000).contains(milliseconds),
            let sensitive = json["sensitive"]?.bool
        else { throw Fault(member: place) }
        var fills: [PINFill] = []
        for fill in json["fill"]?.array ?? [] {
            guard let offset = fill["offset"]?.integer, let length = fill["length"]?.integer, length == 8,
                let question = fill["ask"]?.string.flatMap(PINFill.Question.init(rawValue:)), offset >= 5,
                Int(offset + length) <= octets.count, [0x20, 0x24, 0x2C].contains(command.ins)
            else { throw Fault(member: "\(place)/fill") }
            fills.append(PINFill(offset: Int(offset), length: Int(length), question: question))
        }
        return RelayedCommand(
            command,
            pattern,
            milliseconds: Int(milliseconds),
            fills: fills,
            isSensitive: sensitive
        )
    }
}
