import CardEngine
import Encodings
import Octets

/// What a job must not lose and nobody else may read: plan, PINs, salts, certificates. Sealed under the resident's key in
/// `perso_job.secret_enc`, so that a torn card is finished with the same values.
struct JobSecret {
    /// Why a kept text is none.
    struct Malformed: Error {}

    let plan: PersonalisationPlan
    var memory: PersonalisationMemory

    var json: JSON {
        func hex(_ octets: [UInt8]) -> JSON { .string(Hex.encode(octets)) }
        let fields = plan.files.fields.map { field -> JSON in
            ["tag": .integer(Int64(field.tag)), "value": hex(field.value), "salt": hex(field.salt)]
        }
        let certificates = memory.certificates.map { slot, der -> JSON in
            ["slot": .integer(Int64(slot.rawValue)), "der": hex(der)]
        }
        return [
            "csn": hex(plan.csn), "cardNumber": hex(plan.cardNumber), "card": hex(plan.files.card),
            "public": hex(plan.files.publicPart), "fields": .array(fields), "photo": hex(plan.files.photo),
            "transportPIN": hex(plan.transportPIN), "unblockingKey": hex(plan.unblockingKey),
            "issuerCode": hex(plan.issuerCode), "from": hex(plan.validFrom), "to": hex(plan.validTo),
            "purseLimitFen": .integer(Int64(plan.purseLimitFen)), "phase": .string(memory.phase.rawValue),
            "certificates": .array(certificates), "securityObject": hex(memory.securityObject),
        ]
    }

    init(plan: PersonalisationPlan, memory: PersonalisationMemory) {
        self.plan = plan
        self.memory = memory
    }

    init(_ json: JSON) throws {
        func octets(_ json: JSON?) throws -> [UInt8] {
            guard let text = json?.string else { throw Malformed() }
            return try Hex.decode(text)
        }
        var fields: [CitizenFiles.Field] = []
        for item in json["fields"]?.array ?? [] {
            guard let tag = item["tag"]?.integer else { throw Malformed() }
            fields.append(
                CitizenFiles.Field(
                    tag: UInt8(truncatingIfNeeded: tag),
                    value: try octets(item["value"]),
                    salt: try octets(item["salt"])
                )
            )
        }
        guard let limit = json["purseLimitFen"]?.integer,
            let phase = json["phase"]?.string.flatMap(PersonalisationPhase.init(rawValue:))
        else { throw Malformed() }
        plan = PersonalisationPlan(
            csn: try octets(json["csn"]),
            cardNumber: try octets(json["cardNumber"]),
            files: CitizenFiles(
                card: try octets(json["card"]),
                publicPart: try octets(json["public"]),
                fields: fields,
                photo: try octets(json["photo"])
            ),
            transportPIN: try octets(json["transportPIN"]),
            unblockingKey: try octets(json["unblockingKey"]),
            issuerCode: try octets(json["issuerCode"]),
            validFrom: try octets(json["from"]),
            validTo: try octets(json["to"]),
            purseLimitFen: UInt32(truncatingIfNeeded: limit)
        )
        memory = PersonalisationMemory()
        memory.phase = phase
        memory.securityObject = try octets(json["securityObject"])
        for item in json["certificates"]?.array ?? [] {
            guard let slot = item["slot"]?.integer.flatMap({ PIVSlot(rawValue: UInt8(truncatingIfNeeded: $0)) }) else {
                throw Malformed()
            }
            memory.certificates[slot] = try octets(item["der"])
        }
    }
}
