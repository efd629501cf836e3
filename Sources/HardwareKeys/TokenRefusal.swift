import CPKCS11
import KeyHierarchy

/// What a call of the module answered instead of CKR_OK.
struct TokenRefusal: Error, Hashable, Sendable {
    /// The function without its `C_`.
    let operation: String
    let code: UInt

    // Answers of our own, for what no call of the module says. The numbers are above any that a module gives.
    static let absent = TokenRefusal(operation: "find", code: .max)
    static let ambiguous = TokenRefusal(operation: "find", code: .max - 1)
    static let taken = TokenRefusal(operation: "find", code: .max - 2)
    static let wrongUse = TokenRefusal(operation: "use", code: .max - 3)
    static let noPoint = TokenRefusal(operation: "point", code: .max - 4)

    /// Session, login or handle died, or the token went away: worth one new login and one more try.
    ///
    /// After C_Logout every handle of a private object is dead for good (0x82), even after a new login.
    var isLostGround: Bool {
        switch code {
        case UInt(CKR_OBJECT_HANDLE_INVALID), UInt(CKR_KEY_HANDLE_INVALID), UInt(CKR_USER_NOT_LOGGED_IN),
            UInt(CKR_SESSION_HANDLE_INVALID), UInt(CKR_SESSION_CLOSED), UInt(CKR_OPERATION_ACTIVE),
            UInt(CKR_CRYPTOKI_NOT_INITIALIZED):
            true
        default: isTokenGone
        }
    }

    /// The token is out of its slot, or was and is another now: the slots must be counted anew.
    var isTokenGone: Bool {
        switch code {
        case UInt(CKR_DEVICE_REMOVED), UInt(CKR_DEVICE_ERROR), UInt(CKR_TOKEN_NOT_PRESENT),
            UInt(CKR_TOKEN_NOT_RECOGNIZED), UInt(CKR_SLOT_ID_INVALID):
            true
        default: false
        }
    }

    /// PIN words of the standard: never a reason to try again.
    var isPINRefusal: Bool {
        switch code {
        case UInt(CKR_PIN_INCORRECT), UInt(CKR_PIN_INVALID), UInt(CKR_PIN_LEN_RANGE), UInt(CKR_PIN_EXPIRED),
            UInt(CKR_PIN_LOCKED):
            true
        default: false
        }
    }

    /// The key's own attributes forbid the operation: usage, ALLOWED_MECHANISMS or key type.
    var isUseRefusal: Bool {
        switch code {
        case UInt(CKR_KEY_FUNCTION_NOT_PERMITTED), UInt(CKR_KEY_TYPE_INCONSISTENT), UInt(CKR_MECHANISM_INVALID): true
        default: false
        }
    }

    /// The fault that a caller of the custody sees.
    var fault: CustodyFault {
        if isPINRefusal { return .pinRefused }
        if isTokenGone { return .unreachable("the token is not there (\(operation) answered 0x\(hexadecimal))") }
        return .device(operation: operation, code: code)
    }

    private var hexadecimal: String { String(code, radix: 16, uppercase: true) }
}
