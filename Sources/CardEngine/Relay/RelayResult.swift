package import Encodings
import Octets

/// 回执 What the desk agent brings back for a batch.
package struct RelayResult: Hashable, Sendable {
    /// How the batch ended.
    package enum Status: String, Hashable, Sendable {
        case done = "ok"
        case unexpectedStatus = "unexpectedSw"
        /// 拔卡 Fewer than two octets came back, or the card was gone.
        case tear
        case noCard
        /// The card did not answer within its time; the reader waits for a person.
        case stuck
        /// The agent did not send anything: wrong desk, old number, broken chain, a PIN that was not given.
        case refused
    }

    /// Why a text is no result: the member.
    package struct Fault: Error, Hashable, Sendable {
        package let member: String
        package init(member: String) { self.member = member }
    }

    package let job: String
    package let number: Int
    package let nonce: [UInt8]
    package let desk: String
    package let reader: String
    package let status: Status
    /// The answers in order, data and status word; an empty one is a tear.
    package let responses: [[UInt8]]
    package let chain: [UInt8]
    /// Microseconds that the reader and card took, all commands together.
    package let cardMicroseconds: Int64

    package init(
        job: String,
        number: Int,
        nonce: [UInt8],
        desk: String,
        reader: String,
        status: Status,
        responses: [[UInt8]],
        chain: [UInt8],
        cardMicroseconds: Int64
    ) {
        self.job = job
        self.number = number
        self.nonce = nonce
        self.desk = desk
        self.reader = reader
        self.status = status
        self.responses = responses
        self.chain = chain
        self.cardMicroseconds = cardMicroseconds
    }

    package var json: JSON {
        [
            "v": 1, "jobId": .string(job), "batch": .integer(Int64(number)),
            "nonce": .string(Base64.encode(nonce, .url)), "deskId": .string(desk), "reader": .string(reader),
            "status": .string(status.rawValue), "r": .array(responses.map { .string(Hex.encodeUpper($0)) }),
            "chain": .string(Hex.encode(chain)), "cardUs": .integer(cardMicroseconds),
        ]
    }

    /// Reads a result; every member is due, none is unknown.
    package init(_ json: JSON) throws(Fault) {
        let names: Set = ["v", "jobId", "batch", "nonce", "deskId", "reader", "status", "r", "chain", "cardUs"]
        for member in json.members ?? [] where !names.contains(member.name) { throw Fault(member: member.name) }
        func due<Value>(_ member: String, _ value: Value?) throws(Fault) -> Value {
            guard let value else { throw Fault(member: member) }
            return value
        }
        guard json["v"]?.integer == 1 else { throw Fault(member: "v") }
        job = try due("jobId", json["jobId"]?.string)
        number = Int(try due("batch", json["batch"]?.integer))
        nonce = try due("nonce", json["nonce"]?.string.flatMap { try? Base64.decode($0, .url) })
        desk = try due("deskId", json["deskId"]?.string)
        reader = try due("reader", json["reader"]?.string)
        status = try due("status", json["status"]?.string.flatMap(Status.init(rawValue:)))
        chain = try due("chain", json["chain"]?.string.flatMap { try? Hex.decode($0) })
        cardMicroseconds = try due("cardUs", json["cardUs"]?.integer)
        let items = try due("r", json["r"]?.array)
        let responses = items.compactMap { $0.string.flatMap { try? Hex.decode($0) } }
        guard responses.count == items.count, items.count <= 64 else { throw Fault(member: "r") }
        self.responses = responses
    }
}
