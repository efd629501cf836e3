import Octets

/// 电子钱包 The purse's own state beside its files and keys (profile CC-1, 2.8). Amounts are fen.
struct PurseApplication: Codable, Hashable, Sendable {
    /// What GET TRANSACTION PROVE returns.
    struct Proof: Codable, Hashable, Sendable {
        /// 02 load, 06 purchase, 09 composite purchase.
        let type: UInt8
        /// The counter as INITIALIZE showed it.
        let sequence: UInt16
        /// MAC2 of a debit; zeros for a load.
        @Hexadecimal var code: [UInt8]
        /// 交易认证码 TAC.
        @Hexadecimal var certificate: [UInt8]
    }

    var directory: DedicatedFile
    var balanceFen: UInt32 = 0
    var maximumBalanceFen: UInt32 = 100_000
    var maximumAmountFen: UInt32 = 100_000
    var onlineSequence: UInt16 = 0
    var offlineSequence: UInt16 = 0
    var loadProof: Proof?
    var debitProof: Proof?

    /// Below this every amount and balance stays: the top bit is not amount on other cards.
    static let amountBound: UInt32 = 0x8000_0000
    static let publicFile: UInt16 = 0x0015
    static let holderFile: UInt16 = 0x0016
    static let applicationFile: UInt16 = 0x0017
    static let logFile: UInt16 = 0x0018
    static let compositeFile: UInt16 = 0x001A

    init() {
        var publicFile = ElementaryFile(Self.publicFile, .transparent, size: 30)
        publicFile.content = [UInt8](repeating: 0, count: 30)
        directory = DedicatedFile(files: [
            publicFile,
            ElementaryFile(Self.holderFile, .transparent, size: 55),
            ElementaryFile(Self.applicationFile, .transparent, size: 60),
            ElementaryFile(Self.logFile, .cyclic, size: 23, capacity: 10),
            ElementaryFile(Self.compositeFile, .linear, size: 72, capacity: 4),
        ])
    }
}
