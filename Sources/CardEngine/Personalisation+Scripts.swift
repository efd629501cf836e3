import Cryptography
import Encodings
import Octets

/// What each phase sends, and what the reading phases demand of the answers.
extension Personalisation {
    /// Which card lies here and how far it is: chip number, key sets, application states. Plain, harmless, repeatable.
    package static func inspection() -> CardScript {
        let script = CardScript()
        script.plain(RelayedCommand(CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.issuerDomain, expected: 256), .selected))
        script.plain(RelayedCommand(CommandAPDU(0x80, 0xCA, 0x9F, 0x7F, expected: 256)))
        script.plain(RelayedCommand(CommandAPDU(0x80, 0xCA, 0x00, 0xE0, expected: 256)))
        script.plain(RelayedCommand(CommandAPDU(0x80, 0xF2, 0x40, 0x02, [0x4F, 0x00], expected: 256)))
        return script
    }

    /// The chip that answered an inspection; nil when it is no card of ours.
    package static func chip(in responses: [ResponseAPDU]) -> [UInt8]? {
        responses.count == 4 ? CC1.serialNumber(cplc: responses[1].data) : nil
    }

    mutating func identification() -> CardScript {
        question = .identity
        script = Self.inspection()
        return script
    }

    /// Asks the phase's application which list it took last (DF30).
    mutating func holding() throws -> CardScript {
        question = .holds
        try open(memory.phase == .purse ? CC1.purse : CC1.citizen)
        try script.secure(CommandAPDU(0x80, 0xCA, 0xDF, 0x30, expected: 256))
        return script
    }

    /// The phase's own commands.
    mutating func work() throws -> CardScript {
        question = .work
        switch memory.phase {
        case .identify, .finished: return identification()
        case .keys: try putKeys()
        case .retire:
            try open(CC1.issuerDomain)
            try script.secure(CommandAPDU(0x80, 0xE4, 0x00, 0x00, [0xD2, 0x01, 0xFF], expected: 256))
        case .citizenData: try storeCitizenData()
        case .photo: try writePhoto()
        case .pivKeys:
            try open(CC1.piv)
            for slot in plan.slots {
                let command = CommandAPDU(
                    0x00,
                    0x47,
                    0x00,
                    slot.rawValue,
                    [0xAC, 0x03, 0x80, 0x01, 0x11],
                    expected: 256
                )
                try script.secure(command, milliseconds: 30_000)
            }
        case .pivObjects: try storeObjects()
        case .securityObject:
            try open(CC1.citizen)
            try script.store([DataGroup(0xEF1D, memory.securityObject)])
        case .purse: try storePurse()
        case .applications:
            try open(CC1.issuerDomain)
            for name in blankApplications {
                try script.secure(CommandAPDU(0x80, 0xF0, 0x40, 0x0F, name, expected: 256))
            }
            try script.secure(CommandAPDU(0x80, 0xF2, 0x40, 0x02, [0x4F, 0x00], expected: 256))
        case .readIdentity: readCertificates()
        case .readCitizen: try readCitizen()
        case .proof: proveChip()
        }
        return script
    }

    /// Opens a session of the set in force (FF in the key phase) in an application.
    private mutating func open(_ application: [UInt8]) throws {
        let version = memory.phase == .keys ? 0xFF : plan.issuerSet
        let sequence = sequences[version] ?? 1
        sequences[version] = sequence + 1
        let channel = try SecureChannel(
            keys: keys.keySet(version, csn: plan.csn),
            csn: plan.csn,
            application: application,
            sequence: sequence,
            hostChallenge: random.octets(8)
        )
        script = try CardScript(channel: channel, selecting: application)
        openChannel = channel
    }

    private mutating func putKeys() throws {
        try open(CC1.issuerDomain)
        guard let channel = openChannel else { throw Reason.keyService }
        let set = try keys.keySet(plan.issuerSet, csn: plan.csn)
        var body: [UInt8] = [plan.issuerSet]
        for part in try set.installation(sealing: channel) { body += part }
        try script.secure(CommandAPDU(0x80, 0xD8, 0x00, 0x81, body, expected: 256), milliseconds: 5000)
    }

    private mutating func storeCitizenData() throws {
        try open(CC1.citizen)
        let reader = try cardKey(.reader, type: 0x10, index: 0x01, algorithm: 0x08, mask: 0x01FF)
        try script.store([
            DataGroup(0xEF05, plan.files.card), DataGroup(0xEF06, plan.files.publicPart),
            DataGroup(0xEF07, plan.files.namePart), DataGroup(0xEF09, plan.files.identityPart), reader,
        ])
    }

    private mutating func writePhoto() throws {
        try open(CC1.citizen)
        let file = plan.files.photoFile
        // Length 0000 first, the body, then the length: a torn photo is no photo.
        try script.secure(CommandAPDU(0x00, 0xD6, 0x88, 0x00, [0, 0], expected: 256), milliseconds: 5000)
        try script.secure(CommandAPDU(0x00, 0xA4, 0x00, 0x0C, [0xEF, 0x08]))
        var offset = 2
        while offset < file.count {
            let part = Array(file[offset..<min(offset + 230, file.count)])
            let place = UInt16(offset).bigEndianOctets
            try script.secure(CommandAPDU(0x00, 0xD6, place[0], place[1], part, expected: 256), milliseconds: 5000)
            offset += part.count
        }
        try script.secure(CommandAPDU(0x00, 0xD6, 0x00, 0x00, Array(file.prefix(2)), expected: 256), milliseconds: 5000)
    }

    private mutating func storeObjects() throws {
        try open(CC1.piv)
        var groups: [DataGroup] = []
        for slot in plan.slots {
            guard let der = memory.certificates[slot] else { throw Reason.differs("certificate \(slot.name)") }
            groups.append(PIVObject.group(slot.certificateObject, PIVObject.certificate(der)))
        }
        groups.append(
            PIVObject.group(
                PIVObject.cardHolderIdentifier,
                PIVObject.holderIdentifier(csn: plan.csn, expires: expiryDigits)
            )
        )
        groups.append(PIVObject.group(PIVObject.capabilities, PIVObject.cardCapabilities(csn: plan.csn)))
        let half = groups.count / 2
        try script.store(Array(groups[..<half]))
        try script.store(Array(groups[half...]))
        let administration = try unsafe keys.key(.pivAdministration, csn: plan.csn, cardNumber: plan.cardNumber)
            .withUnsafeOctets { unsafe Array($0) }
        let zeros = [UInt8](repeating: 0, count: 6)
        try script.store([
            DataGroup(0x8011, plan.unblockingKey + [3, 0] + zeros),
            DataGroup(0x809B, [0x08, 0x10] + administration + [UInt8](repeating: 0, count: 14)),
            DataGroup(0x8010, plan.transportPIN + [3, 1] + zeros),
        ])
    }

    private var expiryDigits: String { Hex.encode(plan.validTo) }

    private mutating func storePurse() throws {
        try open(CC1.purse)
        let limit = plan.purseLimitFen.bigEndianOctets
        var groups = [
            DataGroup(0xEF15, plan.pursePublic), DataGroup(0xEF17, [UInt8](repeating: 0, count: 60)),
        ]
        groups += plan.compositeRecords
        groups.append(DataGroup(0x0020, limit + limit))
        for (use, type) in [(CardKeyUse.purchase, UInt8(0x01)), (.load, 0x02), (.transactionCode, 0x03)] {
            groups.append(try cardKey(use, type: type, index: 0x01, algorithm: 0x04, mask: 0))
        }
        try script.store(groups)
    }

    /// DGI 8020: one key record of 32 octets; the DEK enciphers it when the list is encoded.
    private func cardKey(
        _ use: CardKeyUse,
        type: UInt8,
        index: UInt8,
        algorithm: UInt8,
        mask: UInt16
    ) throws -> DataGroup {
        let key = try unsafe keys.key(use, csn: plan.csn, cardNumber: plan.cardNumber)
            .withUnsafeOctets { unsafe Array($0) }
        let head = [type, index, 0x01, algorithm, 15]
        return DataGroup(0x8020, head + key + mask.bigEndianOctets + [UInt8](repeating: 0, count: 9))
    }

    // MARK: reading back

    /// The certificates in the clear: whoever reads them checks their signature, not the channel.
    private mutating func readCertificates() {
        script = CardScript()
        script.plain(RelayedCommand(CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.piv, expected: 256), .selected))
        for slot in plan.slots {
            let request = BERTLV(0x5C, slot.certificateObject).encoded
            script.plain(RelayedCommand(CommandAPDU(0x00, 0xCB, 0x3F, 0xFF, request, expected: 256), .more))
            var rest = objectLength(slot) - 256
            while rest > 0 {
                script.plain(RelayedCommand(CommandAPDU(0x00, 0xC0, 0x00, 0x00, expected: 256), .more))
                rest -= 256
            }
        }
    }

    private func object(_ slot: PIVSlot) -> [UInt8] {
        BERTLV(0x53, PIVObject.certificate(memory.certificates[slot] ?? [])).encoded
    }

    private func objectLength(_ slot: PIVSlot) -> Int { object(slot).count }

    func checkIdentity(_ responses: [ResponseAPDU]) throws {
        var rest = responses.dropFirst()
        for slot in plan.slots {
            let count = (objectLength(slot) + 255) / 256
            guard rest.prefix(count).flatMap(\.data) == object(slot) else {
                throw Reason.differs("certificate \(slot.name)")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Every file under R-MAC, so that what was read is what the card holds.
    private mutating func readCitizen() throws {
        try open(CC1.citizen)
        for (fid, content) in citizenFiles {
            var offset = 0
            try script.secure(CommandAPDU(0x00, 0xA4, 0x00, 0x0C, [0xEF, fid]))
            while offset < content.count {
                let place = UInt16(offset).bigEndianOctets
                let count = min(230, content.count - offset)
                try script.secure(CommandAPDU(0x00, 0xB0, place[0], place[1], expected: count))
                offset += count
            }
        }
    }

    private var citizenFiles: [(UInt8, [UInt8])] {
        var files: [(UInt8, [UInt8])] = [
            (0x05, plan.files.card), (0x06, plan.files.publicPart), (0x07, plan.files.namePart),
            (0x09, plan.files.identityPart), (0x1D, memory.securityObject),
        ]
        if !plan.files.photo.isEmpty { files.append((0x08, plan.files.photoFile)) }
        return files
    }

    func checkCitizen(_ answers: [ResponseAPDU]) throws {
        var rest = answers[...]
        for (fid, content) in citizenFiles {
            rest = rest.dropFirst()
            let count = (content.count + 229) / 230
            guard rest.prefix(count).flatMap(\.data) == content else {
                throw Reason.differs("EF\(Hex.encodeUpper([fid]))")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// 芯片证明 The chip answers a fresh challenge with the key of slot 9E.
    private mutating func proveChip() {
        challenge = random.octets(32)
        script = CardScript()
        script.plain(RelayedCommand(CommandAPDU(0x00, 0xA4, 0x04, 0x00, CC1.piv, expected: 256), .selected))
        let template = [0x7C, 0x24, 0x82, 0x00, 0x81, 0x20].map(UInt8.init) + challenge
        script.plain(RelayedCommand(CommandAPDU(0x00, 0x87, 0x11, 0x9E, template, expected: 256), milliseconds: 5000))
    }

    func checkProof(_ responses: [ResponseAPDU]) throws {
        guard let answer = responses.last?.data, let template = try? BERTLV.one(answer), template.tag == 0x7C,
            let signature = try? template.children().value(0x82), let der = memory.certificates[.proof],
            let key = try? Certificate(der: der).publicKey, key.verifies(signature, ofDigest: challenge)
        else { throw Reason.differs("9E") }
    }
}

extension CardKeySet {
    /// The three keys as PUT KEY carries them: type, enciphered value under the session set's DEK, check value.
    func installation(sealing channel: SecureChannel) throws -> [[UInt8]] {
        let type: UInt8 = cipher == .sm4 ? 0x89 : 0x88
        return try [
            part(encryption, type, channel), part(authentication, type, channel), part(dataEncryption, type, channel),
        ]
    }

    private func part(_ key: borrowing SecretOctets, _ type: UInt8, _ channel: SecureChannel) throws -> [UInt8] {
        let value = try channel.sealed(unsafe key.withUnsafeOctets { unsafe Array($0) })
        let check = try cipher.encryptECB(key: key, [UInt8](repeating: 1, count: 16)).prefix(3)
        return [type, 0x11, 0x10] + value + [0x03] + check
    }
}
