/// 指令 The commands of the CC-1 profile by class group and INS; which application knows which.
enum Instruction: Hashable, Sendable, CaseIterable {
    case select, readBinary, updateBinary, readRecord, updateRecord, appendRecord
    case getChallenge, externalAuthenticate, internalAuthenticate, applicationBlock
    case verify, changeReference, resetRetry
    case getObject, putObject, generate, generalAuthenticate, getVersion, setManagementKey
    case getData, initialize, openSession, putKey, delete, setStatus, getStatus, storeData
    case creditLoad, debit, getBalance, prove, updateComposite

    /// Nil for what no application of the profile knows.
    init?(_ command: Command) {
        let key = UInt16(command.classGroup) << 8 | UInt16(command.ins)
        guard let found = Self.table[key] else { return nil }
        self = found
    }

    // Rows: class group ‖ INS.
    private static let table: [UInt16: Instruction] = [
        0x00A4: .select, 0x00B0: .readBinary, 0x00D6: .updateBinary, 0x00B2: .readRecord, 0x00DC: .updateRecord,
        0x00E2: .appendRecord, 0x0084: .getChallenge, 0x0082: .externalAuthenticate, 0x0088: .internalAuthenticate,
        0x001E: .applicationBlock, 0x0020: .verify, 0x0024: .changeReference, 0x002C: .resetRetry,
        0x00CB: .getObject, 0x00DB: .putObject, 0x0047: .generate, 0x0087: .generalAuthenticate,
        0x00FD: .getVersion, 0x00FF: .setManagementKey,
        0x80CA: .getData, 0x8050: .initialize, 0x8082: .openSession, 0x80D8: .putKey, 0x80E4: .delete,
        0x80F0: .setStatus, 0x80F2: .getStatus, 0x80E2: .storeData,
        0x8052: .creditLoad, 0x8054: .debit, 0x805C: .getBalance, 0x805A: .prove, 0x80DC: .updateComposite,
    ]

    /// The commands an application of a citizen card answers with something else than 6D00.
    static func known(to application: Application) -> Set<Instruction> {
        let all: Set<Instruction> = [.select, .getData]
        let secured = all.union([.initialize, .openSession, .storeData])
        return switch application {
        case .masterFile: all.union([.getChallenge])
        case .issuerDomain: secured.union([.putKey, .delete, .setStatus, .getStatus])
        case .piv:
            secured.union([
                .verify, .changeReference, .resetRetry, .getObject, .putObject, .generate, .generalAuthenticate,
                .getVersion,
            ])
        case .citizen:
            secured.union([.readBinary, .updateBinary, .readRecord, .getChallenge, .externalAuthenticate, .verify])
        case .purse:
            secured.union([
                .readBinary, .readRecord, .verify, .creditLoad, .debit, .getBalance, .prove, .updateComposite,
            ])
        case .sector:
            secured.union([
                .readBinary, .updateBinary, .readRecord, .updateRecord, .appendRecord, .getChallenge,
                .externalAuthenticate, .internalAuthenticate, .applicationBlock, .verify,
            ])
        }
    }

    /// The commands of a standard PIV card of another maker.
    static let foreignPIV: Set<Instruction> = [
        .select, .verify, .changeReference, .resetRetry, .getObject, .putObject, .generate, .generalAuthenticate,
        .getVersion, .setManagementKey,
    ]
}
