import Cryptography
import Octets

/// The purse's commands (profile CC-1, 2.8): balance, counter, record and proof change in one step, then the answer.
extension VirtualCard {
    private static let purse: UInt8 = 0x02

    /// 80 5C 00 02 → balance(4).
    mutating func getBalance(_ command: Command) throws(StatusWord) -> Reply {
        try command.parameters(0x00, Self.purse)
        try command.length(0)
        return Reply(data: image.purse.balanceFen.bigEndianOctets)
    }

    /// 80 50 00|01|03 02 0B keyIdx amount terminal.
    mutating func initializePurse(_ command: Command) throws(StatusWord) -> Reply {
        let kind: PurseTransaction.Kind
        switch command.p1p2 {
        case 0x0002: kind = .load
        case 0x0102: kind = .purchase
        case 0x0302: kind = .composite
        default: throw .wrongParameters
        }
        try command.length(11)
        let transaction = try image.purse.begin(kind, command.data, random: random)
        let answer = try image.purse.opening(transaction)
        selection.purse = transaction
        return Reply(data: answer)
    }

    /// 80 52 00 00 0B date time MAC2 → TAC.
    mutating func creditLoad(_ command: Command, _ pending: PurseTransaction?) throws(StatusWord) -> Reply {
        try command.parameters(0x00, 0x00)
        try command.length(11)
        guard let transaction = pending, transaction.kind == .load else { throw .wrongState }
        return Reply(data: try image.purse.credit(transaction, command.data))
    }

    /// 80 DC id D0 48 record: once, directly after INITIALIZE FOR CAPP PURCHASE.
    mutating func updateComposite(_ command: Command, _ pending: PurseTransaction?) throws(StatusWord) -> Reply {
        guard command.p2 == 0xD0 else { throw .wrongParameters }
        guard let record = CompositeRecord(command.data) else { throw .wrongLength }
        guard var transaction = pending, transaction.kind == .composite, transaction.record == nil else {
            throw .wrongState
        }
        guard command.p1 == record.identifier else { throw .wrongData }
        guard let stored = image.purse.composite(command.p1)?.record else { throw .recordNotFound }
        guard record.isSound else { throw .wrongData }
        guard stored.mayBeFollowed(by: record) else { throw .wrongState }
        transaction.record = record.octets
        selection.purse = transaction
        return .done
    }

    /// 80 54 01 00 0F terminalSeq date time MAC1 → TAC MAC2, for a purchase and a composite one.
    mutating func debit(_ command: Command, _ pending: PurseTransaction?) throws(StatusWord) -> Reply {
        try command.parameters(0x01, 0x00)
        try command.length(15)
        guard let transaction = pending, transaction.kind != .load,
            transaction.kind == .purchase || transaction.record != nil
        else { throw .wrongState }
        return Reply(data: try image.purse.debit(transaction, command.data))
    }

    /// 80 5A 00 type 02 seq → MAC2 TAC of the last load or debit of that type and counter.
    mutating func prove(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x00, let kind = PurseTransaction.Kind(rawValue: command.p2) else {
            throw .wrongParameters
        }
        try command.length(2)
        let proof = kind == .load ? image.purse.loadProof : image.purse.debitProof
        guard let proof, proof.type == kind.rawValue, proof.sequence.bigEndianOctets == command.data else {
            throw .purseProof
        }
        return Reply(data: proof.code + proof.certificate)
    }
}
