import CPKCS11
import Octets

/// 会话 One session with a token, used by one thread at a time. Handles of objects are good in every session.
struct TokenSession: Sendable {
    let module: TokenModule
    let number: UInt

    /// Logs the process in; that it is logged in already is no fault.
    func login(_ pin: borrowing SecretOctets) throws(TokenRefusal) {
        let code = unsafe pin.withUnsafeOctets { octets in
            let text = unsafe UnsafeMutablePointer(mutating: octets.bindMemory(to: UInt8.self).baseAddress)
            return unsafe module.calls.pointee.C_Login(number, UInt(CKU_USER), text, UInt(octets.count))
        }
        guard code != UInt(CKR_USER_ALREADY_LOGGED_IN) else { return }
        try TokenModule.check("Login", code)
    }

    /// Ends the session; what it answers does not matter any more.
    func close() { _ = module.closeSession(number) }

    /// Whether the session is still logged in and its token still in the slot.
    ///
    /// SoftHSM answers with success and finds nothing after a logout, and when its folder was moved away.
    var isGood: Bool {
        var about = CK_SESSION_INFO()
        guard unsafe module.calls.pointee.C_GetSessionInfo(number, &about) == CKR_OK else { return false }
        guard about.state == CKS_RW_USER_FUNCTIONS else { return false }
        var token = CK_TOKEN_INFO()
        return unsafe module.calls.pointee.C_GetTokenInfo(about.slotID, &token) == CKR_OK
    }

    /// Handles of all objects with these attributes; throws when a lost login could be why there are none.
    func find(_ template: Template) throws(TokenRefusal) -> [UInt] {
        let calls = unsafe module.calls
        try TokenModule.check(
            "FindObjectsInit",
            unsafe template.withAttributes { unsafe calls.pointee.C_FindObjectsInit(number, $0, $1) }
        )
        defer { _ = unsafe calls.pointee.C_FindObjectsFinal(number) }
        var handles: [UInt] = []
        var page = [UInt](repeating: 0, count: 64)
        while true {
            var count: UInt = 0
            let room = UInt(page.count)
            try TokenModule.check("FindObjects", unsafe calls.pointee.C_FindObjects(number, &page, room, &count))
            guard count > 0 else { break }
            handles += page.prefix(Int(count))
        }
        guard isGood else { throw TokenRefusal(operation: "FindObjects", code: CKR_USER_NOT_LOGGED_IN) }
        return handles
    }

    /// One attribute; nil when the object has none of that kind or does not give it away.
    func attribute(_ type: UInt, of handle: UInt) throws(TokenRefusal) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: 512)
        var length: UInt = 0
        let code = unsafe value.withUnsafeMutableBytes { room in
            var attribute = unsafe CK_ATTRIBUTE(
                type: type,
                pValue: room.baseAddress,
                ulValueLen: UInt(room.count)
            )
            let code = unsafe module.calls.pointee.C_GetAttributeValue(number, handle, &attribute, 1)
            length = unsafe attribute.ulValueLen
            return code
        }
        switch code {
        case UInt(CKR_OK): break
        case UInt(CKR_ATTRIBUTE_SENSITIVE), UInt(CKR_ATTRIBUTE_TYPE_INVALID): return nil
        default: throw TokenRefusal(operation: "GetAttributeValue", code: code)
        }
        guard length <= value.count else { return nil }
        return Array(value.prefix(Int(length)))
    }

    /// Makes an object of given attributes.
    func create(_ template: Template) throws(TokenRefusal) -> UInt {
        var handle: UInt = 0
        let code = unsafe template.withAttributes {
            unsafe module.calls.pointee.C_CreateObject(number, $0, $1, &handle)
        }
        try TokenModule.check("CreateObject", code)
        return handle
    }

    /// Makes a pair inside the token; handles of the public and the private half.
    func makePair(
        _ mechanism: UInt,
        publicKey: Template,
        privateKey: Template
    ) throws(TokenRefusal) -> (publicKey: UInt, privateKey: UInt) {
        var wanted = unsafe CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
        var handles: (UInt, UInt) = (0, 0)
        let code = unsafe publicKey.withAttributes { publicList, publicCount in
            unsafe privateKey.withAttributes { privateList, privateCount in
                unsafe module.calls.pointee.C_GenerateKeyPair(
                    number,
                    &wanted,
                    publicList,
                    publicCount,
                    privateList,
                    privateCount,
                    &handles.0,
                    &handles.1
                )
            }
        }
        try TokenModule.check("GenerateKeyPair", code)
        return handles
    }

    /// Destroys an object.
    func destroy(_ handle: UInt) throws(TokenRefusal) {
        try TokenModule.check("DestroyObject", unsafe module.calls.pointee.C_DestroyObject(number, handle))
    }

    /// A signature or MAC of at most 64 octets.
    func sign(_ mechanism: UInt, key: UInt, _ message: [UInt8]) throws(TokenRefusal) -> [UInt8] {
        var wanted = unsafe CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
        try TokenModule.check("SignInit", unsafe module.calls.pointee.C_SignInit(number, &wanted, key))
        var input = message
        var output = [UInt8](repeating: 0, count: 64)
        var length = UInt(output.count)
        let count = UInt(input.count)
        try TokenModule.check("Sign", unsafe module.calls.pointee.C_Sign(number, &input, count, &output, &length))
        return Array(output.prefix(Int(length)))
    }
}

extension TokenModule {
    fileprivate func closeSession(_ number: UInt) -> UInt { unsafe calls.pointee.C_CloseSession(number) }
}
