import Cryptography
import Octets

/// The steps of a load, a purchase and a composite purchase on the purse's state.
extension PurseApplication {
    private static let purchaseKey: UInt8 = 0x01
    private static let loadKey: UInt8 = 0x02
    private static let certificateKey: UInt8 = 0x03

    /// INITIALIZE: state, key, tries, counter, amount, limits, in the profile's order.
    func begin(
        _ kind: PurseTransaction.Kind,
        _ data: [UInt8],
        random: any RandomSource
    ) throws(StatusWord) -> PurseTransaction {
        guard directory.state == .personalized else { throw .wrongState }
        let type = kind == .load ? Self.loadKey : Self.purchaseKey
        guard let key = storedKey(type, data[0]), storedKey(Self.certificateKey, 0x01) != nil else { throw .purseKey }
        guard key.triesLeft > 0 else { throw .blocked }
        let sequence = kind == .load ? onlineSequence : offlineSequence
        guard sequence < UInt16.max else { throw .purseCounter }
        let amount = data[1..<5].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard amount > 0 || kind == .composite else { throw .wrongData }
        if kind == .load {
            let after = UInt64(balanceFen) + UInt64(amount)
            guard amount <= maximumAmountFen, after <= UInt64(maximumBalanceFen) else { throw .wrongState }
        } else {
            guard amount <= balanceFen else { throw .purseFunds }
        }
        return PurseTransaction(
            kind: kind,
            keyIndex: data[0],
            amountFen: amount,
            terminal: Array(data[5..<11]),
            sequence: sequence,
            random: random.octets(4)
        )
    }

    /// The answer to INITIALIZE; for a load with MAC1, which proves balance and counter.
    func opening(_ transaction: PurseTransaction) throws(StatusWord) -> [UInt8] {
        let key = try transactionKey(transaction)
        let head = balanceFen.bigEndianOctets + transaction.sequence.bigEndianOctets
        let tail = [key.version, key.algorithm] + transaction.random
        guard transaction.kind == .load else { return head + [0x00, 0x00, 0x00] + tail }
        let input = PurseArithmetic.loadInput(random: transaction.random, sequence: transaction.sequence)
        let session = try PurseArithmetic.sessionKey(key, input)
        return head + tail
            + (try PurseArithmetic.code(session, balanceFen.bigEndianOctets + transaction.subject))
    }

    /// CREDIT FOR LOAD: MAC2 checked, then all at once; returns the TAC.
    mutating func credit(_ transaction: PurseTransaction, _ data: [UInt8]) throws(StatusWord) -> [UInt8] {
        let key = try transactionKey(transaction)
        let moment = Array(data.prefix(7))
        let input = PurseArithmetic.loadInput(random: transaction.random, sequence: transaction.sequence)
        let session = try PurseArithmetic.sessionKey(key, input)
        try check(data.suffix(4), try PurseArithmetic.code(session, transaction.subject + moment), key)
        let balance = balanceFen + transaction.amountFen
        let message = balance.bigEndianOctets + transaction.sequence.bigEndianOctets + transaction.subject + moment
        let certificate = try code(over: message)
        balanceFen = balance
        onlineSequence += 1
        try log(transaction, moment)
        loadProof = Proof(
            type: transaction.kind.rawValue,
            sequence: transaction.sequence,
            code: [0, 0, 0, 0],
            certificate: certificate
        )
        return certificate
    }

    /// DEBIT FOR PURCHASE and FOR CAPP PURCHASE: MAC1 checked, then all at once; returns TAC ‖ MAC2.
    mutating func debit(_ transaction: PurseTransaction, _ data: [UInt8]) throws(StatusWord) -> [UInt8] {
        let key = try transactionKey(transaction)
        let terminalSequence = Array(data.prefix(4))
        let moment = Array(data[4..<11])
        let session = try PurseArithmetic.sessionKey(
            key,
            PurseArithmetic.purchaseInput(
                random: transaction.random,
                sequence: transaction.sequence,
                terminalSequence: terminalSequence
            )
        )
        // Only the SM4 form covers the composite record: 3DES is what terminals in the field compute.
        let record = key.cipher == .sm4 ? transaction.record ?? [] : []
        try check(data.suffix(4), try PurseArithmetic.code(session, transaction.subject + moment + record), key)
        let certificate = try code(over: transaction.subject + terminalSequence + moment + record)
        let code = try PurseArithmetic.code(session, transaction.amountFen.bigEndianOctets)
        balanceFen -= transaction.amountFen
        offlineSequence += 1
        if transaction.amountFen > 0 { try log(transaction, moment) }
        try keepComposite(transaction.record)
        debitProof = Proof(
            type: transaction.kind.rawValue,
            sequence: transaction.sequence,
            code: code,
            certificate: certificate
        )
        return certificate + code
    }

    /// The composite record of an identifier and its place in EF1A; a blank record has none.
    func composite(_ identifier: UInt8) -> (number: UInt8, record: CompositeRecord)? {
        guard let position = directory.position(of: Self.compositeFile), identifier != 0 else { return nil }
        for (offset, octets) in directory.files[position].records.enumerated() {
            guard let record = CompositeRecord(octets), record.identifier == identifier else { continue }
            return (UInt8(offset + 1), record)
        }
        return nil
    }

    private func storedKey(_ type: UInt8, _ index: UInt8) -> KeyRecord? {
        directory.keys.position(type: type, index: index).map { directory.keys[$0] }
    }

    private func transactionKey(_ transaction: PurseTransaction) throws(StatusWord) -> KeyRecord {
        let type = transaction.kind == .load ? Self.loadKey : Self.purchaseKey
        guard let key = storedKey(type, transaction.keyIndex) else { throw .purseKey }
        return key
    }

    /// A wrong MAC costs a try of its key, a right one restores them.
    private mutating func check(
        _ sent: some Collection<UInt8>,
        _ expected: [UInt8],
        _ key: KeyRecord
    ) throws(StatusWord) {
        guard let position = directory.keys.position(type: key.type, index: key.index) else { throw .purseKey }
        guard constantTimeEquals(sent, expected) else {
            directory.keys[position].triesLeft -= 1
            throw .purseMAC
        }
        directory.keys[position].triesLeft = key.tries
    }

    private func code(over message: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard let key = storedKey(Self.certificateKey, 0x01) else { throw .purseKey }
        return try PurseArithmetic.code(PurseArithmetic.certificateKey(key), message)
    }

    /// EF18: seq(2) overdraft(3) amount(4) type(1) terminal(6) date(4) time(3).
    private mutating func log(_ transaction: PurseTransaction, _ moment: [UInt8]) throws(StatusWord) {
        guard let position = directory.position(of: Self.logFile) else { return }
        let record = transaction.sequence.bigEndianOctets + [0x00, 0x00, 0x00] + transaction.subject + moment
        try directory.files[position].append(record)
    }

    private mutating func keepComposite(_ record: [UInt8]?) throws(StatusWord) {
        guard let record, let found = composite(record[0]),
            let position = directory.position(of: Self.compositeFile)
        else { return }
        try directory.files[position].replace(record: found.number, record)
    }
}

extension PurseTransaction {
    /// amount(4) ‖ type(1) ‖ terminal(6): the middle of every MAC input and of the log record.
    var subject: [UInt8] { amountFen.bigEndianOctets + [kind.rawValue] + terminal }
}
