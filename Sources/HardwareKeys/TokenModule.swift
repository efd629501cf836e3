import CPKCS11
import Glibc
import KeyHierarchy

/// 密码模块 One PKCS #11 library, opened by path and never linked.
///
/// It is left loaded and initialised for the life of the process: another user in the same process would be cut off.
@safe final class TokenModule: @unchecked Sendable {
    // The table belongs to the library, which is never unloaded; the library locks for itself (CKF_OS_LOCKING_OK).
    let calls: UnsafeMutablePointer<CK_FUNCTION_LIST>

    /// Opens the library; throws `.unreachable` with what to check.
    init(path: String) throws(CustodyFault) {
        guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw .unreachable("the PKCS #11 module \(path) cannot be opened; install it or correct the setting")
        }
        guard let symbol = unsafe dlsym(library, "C_GetFunctionList") else {
            throw .unreachable("\(path) is no PKCS #11 module: it has no C_GetFunctionList")
        }
        let list = unsafe unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)
        var table: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        guard unsafe list(&table) == CKR_OK, let table = unsafe table else {
            throw .unreachable("\(path) gave no list of functions")
        }
        unsafe calls = table
    }

    /// Initialises the library for use by several threads; that it is done already is no fault.
    func initialise() throws(TokenRefusal) {
        var arguments = unsafe CK_C_INITIALIZE_ARGS()
        unsafe arguments.flags = UInt(CKF_OS_LOCKING_OK)
        let code = unsafe calls.pointee.C_Initialize(&arguments)
        guard code != UInt(CKR_CRYPTOKI_ALREADY_INITIALIZED) else { return }
        try Self.check("Initialize", code)
    }

    /// Ends the library's work: the only way to make it count the slots of removed tokens anew.
    func finalise() { _ = unsafe calls.pointee.C_Finalize(nil) }

    /// A token in a slot, as it names itself.
    struct Token: Hashable, Sendable {
        let slot: UInt
        let label: String
        let serial: String
        let isInitialised: Bool
    }

    /// The tokens that are there now.
    func tokens() throws(TokenRefusal) -> [Token] {
        var count: UInt = 0
        try Self.check("GetSlotList", unsafe calls.pointee.C_GetSlotList(1, nil, &count))
        var slots = [UInt](repeating: 0, count: Int(count))
        try Self.check("GetSlotList", unsafe calls.pointee.C_GetSlotList(1, &slots, &count))
        var tokens: [Token] = []
        for slot in slots.prefix(Int(count)) {
            var about = CK_TOKEN_INFO()
            // A slot whose token was pulled between the two calls is no token.
            guard unsafe calls.pointee.C_GetTokenInfo(slot, &about) == CKR_OK else { continue }
            tokens.append(
                Token(
                    slot: slot,
                    label: unsafe withUnsafeBytes(of: about.label) { unsafe Self.trimmed($0) },
                    serial: unsafe withUnsafeBytes(of: about.serialNumber) { unsafe Self.trimmed($0) },
                    isInitialised: about.flags & UInt(CKF_TOKEN_INITIALIZED) != 0
                )
            )
        }
        return tokens
    }

    /// Whether a token knows a mechanism.
    func knows(_ mechanism: UInt, slot: UInt) -> Bool {
        var about = CK_MECHANISM_INFO()
        return unsafe calls.pointee.C_GetMechanismInfo(slot, mechanism, &about) == CKR_OK
    }

    /// A new read-write session.
    func openSession(slot: UInt) throws(TokenRefusal) -> TokenSession {
        var number: UInt = 0
        let flags = UInt(CKF_SERIAL_SESSION) | UInt(CKF_RW_SESSION)
        try Self.check("OpenSession", unsafe calls.pointee.C_OpenSession(slot, flags, nil, nil, &number))
        return TokenSession(module: self, number: number)
    }

    static func check(_ operation: String, _ code: UInt) throws(TokenRefusal) {
        guard code == CKR_OK else { throw TokenRefusal(operation: operation, code: code) }
    }

    /// Text of a fixed field, without the blanks that fill it.
    private static func trimmed(_ field: UnsafeRawBufferPointer) -> String {
        var octets = unsafe Array(field)
        while octets.last == 0x20 || octets.last == 0 { octets.removeLast() }
        return String(decoding: octets, as: UTF8.self)
    }
}
