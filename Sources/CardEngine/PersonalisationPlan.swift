import Cryptography
package import Octets

/// 卡片密钥来源 Gives the keys of one card; the masters behind them stay in custody.
package protocol CardKeySource: Sendable {
    /// The key set of a KVN: FF from the lot's transport master, 30-37 from the issuer master.
    func keySet(_ version: UInt8, csn: [UInt8]) throws -> CardKeySet
    /// A single key of the card.
    func key(_ use: CardKeyUse, csn: [UInt8], cardNumber: [UInt8]) throws -> SecretOctets
}

/// 用途 Which single key of a card.
package enum CardKeyUse: String, Hashable, Sendable, CaseIterable {
    /// The city's reader authority, Citizen type 10 index 01.
    case reader
    /// PIV administration, 9B.
    case pivAdministration
    case purchase
    case load
    case transactionCode
}

/// 制卡方案 What one card shall hold: drawn up before the first command and kept with the job, so that a torn card is
/// finished with the same numbers, salts and PINs.
package struct PersonalisationPlan: Hashable, Sendable {
    package let csn: [UInt8]
    /// 10 octets.
    package let cardNumber: [UInt8]
    package let files: CitizenFiles
    /// 8 octets, padded with FF.
    package let transportPIN: [UInt8]
    package let unblockingKey: [UInt8]
    /// Three octets of GB/T 2260 in BCD, for EF15.
    package let issuerCode: [UInt8]
    /// BCD, 4 octets each.
    package let validFrom: [UInt8]
    package let validTo: [UInt8]
    package let purseLimitFen: UInt32
    /// KVN of the issuer set to write.
    package let issuerSet: UInt8
    /// Slots with the algorithm octet of their key: 11 P-256.
    package let slots: [PIVSlot]

    package init(
        csn: [UInt8],
        cardNumber: [UInt8],
        files: CitizenFiles,
        transportPIN: [UInt8],
        unblockingKey: [UInt8],
        issuerCode: [UInt8],
        validFrom: [UInt8],
        validTo: [UInt8],
        purseLimitFen: UInt32,
        issuerSet: UInt8 = 0x30,
        slots: [PIVSlot] = PIVSlot.allCases
    ) {
        self.csn = csn
        self.cardNumber = cardNumber
        self.files = files
        self.transportPIN = transportPIN
        self.unblockingKey = unblockingKey
        self.issuerCode = issuerCode
        self.validFrom = validFrom
        self.validTo = validTo
        self.purseLimitFen = purseLimitFen
        self.issuerSet = issuerSet
        self.slots = slots
    }

    /// A copy for the chip that really lies in the reader.
    package func forChip(_ csn: [UInt8]) -> PersonalisationPlan {
        PersonalisationPlan(
            csn: csn,
            cardNumber: cardNumber,
            files: files,
            transportPIN: transportPIN,
            unblockingKey: unblockingKey,
            issuerCode: issuerCode,
            validFrom: validFrom,
            validTo: validTo,
            purseLimitFen: purseLimitFen,
            issuerSet: issuerSet,
            slots: slots
        )
    }

    /// EF15 of the purse: the public data of third-party readers (CC-1, 6.3), 30 octets.
    package var pursePublic: [UInt8] {
        issuerCode + [UInt8](repeating: 0xFF, count: 5) + [0x01, 0x01] + cardNumber + validFrom + validTo + [0, 0]
    }

    /// EF1A: four empty composite records.
    package var compositeRecords: [DataGroup] {
        (1...4).map { DataGroup(0xEF1A, [UInt8($0), UInt8($0), 0x46] + [UInt8](repeating: 0, count: 70)) }
    }
}

/// What has been proven of a job so far; kept with it and read again after a restart.
package struct PersonalisationMemory: Hashable, Sendable {
    /// Where the machine stands: the phases before it are proven.
    package var phase: PersonalisationPhase = .identify
    /// Certificates by slot, in DER; a lost answer never makes a second one.
    package var certificates: [PIVSlot: [UInt8]] = [:]
    /// EF1D with its signature.
    package var securityObject: [UInt8] = []

    package init() {}
}

/// 步骤 The steps of CC-1, 4.3, in their order.
package enum PersonalisationPhase: String, Hashable, Sendable, CaseIterable {
    case identify, keys, retire, citizenData, photo, pivKeys, pivObjects, securityObject, purse, applications
    case readIdentity, readCitizen, proof, finished

    package var next: PersonalisationPhase {
        let all = Self.allCases
        let index = all.firstIndex(of: self) ?? all.endIndex - 1
        return all[min(index + 1, all.endIndex - 1)]
    }
}
