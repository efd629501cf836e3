/// 交易 A purse transaction between INITIALIZE and CREDIT or DEBIT; any other command drops it.
struct PurseTransaction: Hashable, Sendable {
    /// The octet that enters every MAC.
    enum Kind: UInt8, Hashable, Sendable {
        case load = 0x02
        case purchase = 0x06
        case composite = 0x09
    }

    let kind: Kind
    /// The index of the DLK or DPK.
    let keyIndex: UInt8
    let amountFen: UInt32
    let terminal: [UInt8]
    let sequence: UInt16
    let random: [UInt8]
    /// The composite record that DEBIT will write.
    var record: [UInt8]?
}
