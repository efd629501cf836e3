/// 当前状态 What a card forgets without power or at the next SELECT.
struct Selection: Hashable, Sendable {
    /// Single or mutual authentication with 9B that is under way.
    enum AdministratorChallenge: Hashable, Sendable {
        /// The host must encrypt this.
        case single([UInt8])
        /// The host must show this in clear.
        case witness([UInt8])
    }

    /// A STORE DATA list of which further blocks are awaited.
    struct UnfinishedList: Hashable, Sendable {
        var joined: [UInt8] = []
        var blocks = 0
    }

    let application: Application
    /// The elementary file chosen by its identifier.
    var file: UInt16?
    var holderIsVerified = false
    /// The command directly before was a successful VERIFY: what key 9C demands.
    var verifiedJustNow = false
    /// 读卡机构 The read mask of the last reader authority that succeeded.
    var readerMask: UInt16 = 0
    /// The index of the sector's EA key that succeeded last.
    var sectorReader: UInt8?
    var challenge: [UInt8]?
    /// The challenge was asked by the command directly before.
    var challengedJustNow = false
    var administratorIsAuthenticated = false
    var administratorChallenge: AdministratorChallenge?
    var purse: PurseTransaction?
    var list: UnfinishedList?

    init(_ application: Application) { self.application = application }
}
