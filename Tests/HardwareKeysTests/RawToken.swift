import CPKCS11
import Glibc
import Testing

/// An attacker in the same process, who has the PIN: PKCS #11 calls past our custody, under the same login.
@safe final class RawToken {
    // The table belongs to the library, which is never unloaded.
    private let calls: UnsafeMutablePointer<CK_FUNCTION_LIST>
    private let session: UInt

    init(_ token: TestToken) throws {
        let library = try unsafe #require(unsafe dlopen(token.modulePath, RTLD_NOW))
        let symbol = try unsafe #require(unsafe dlsym(library, "C_GetFunctionList"))
        var table: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        _ = unsafe unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)(&table)
        unsafe calls = try unsafe #require(unsafe table)
        var slots = [UInt](repeating: 0, count: 8)
        var count = UInt(slots.count)
        _ = unsafe calls.pointee.C_GetSlotList(1, &slots, &count)
        var number: UInt = 0
        let code = unsafe calls.pointee.C_OpenSession(slots[0], 6, nil, nil, &number)
        #expect(code == 0)
        session = number
        var pin = Array(try token.pin().utf8)
        let length = UInt(pin.count)
        let login = unsafe calls.pointee.C_Login(number, 1, &pin, length)
        #expect(login == 0 || login == 0x100)
    }

    deinit { _ = unsafe calls.pointee.C_CloseSession(session) }

    func logout() { _ = unsafe calls.pointee.C_Logout(session) }

    /// Handles of a label.
    func find(_ label: String, class objectClass: UInt) -> [UInt] {
        var handles = [UInt](repeating: 0, count: 16)
        var count: UInt = 0
        unsafe withTemplate([(CKA_LABEL, Array(label.utf8)), (CKA_CLASS, Self.word(objectClass))]) {
            unsafe calls.pointee.C_FindObjectsInit(session, $0, $1)
        }
        _ = unsafe calls.pointee.C_FindObjects(session, &handles, 16, &count)
        _ = unsafe calls.pointee.C_FindObjectsFinal(session)
        return Array(handles.prefix(Int(count)))
    }

    func set(_ handle: UInt, _ type: UInt, _ value: [UInt8]) -> UInt {
        unsafe withTemplate([(type, value)]) { unsafe calls.pointee.C_SetAttributeValue(session, handle, $0, $1) }
    }

    func copy(_ handle: UInt, _ attributes: [(UInt, [UInt8])]) -> UInt {
        var made: UInt = 0
        return unsafe withTemplate(attributes) { unsafe calls.pointee.C_CopyObject(session, handle, $0, $1, &made) }
    }

    func create(_ attributes: [(UInt, [UInt8])]) -> (code: UInt, handle: UInt) {
        var made: UInt = 0
        let code = unsafe withTemplate(attributes) { unsafe calls.pointee.C_CreateObject(session, $0, $1, &made) }
        return (code, made)
    }

    func destroy(_ handle: UInt) { _ = unsafe calls.pointee.C_DestroyObject(session, handle) }

    func value(_ handle: UInt) -> (code: UInt, octets: [UInt8]) {
        var room = [UInt8](repeating: 0, count: 256)
        var length: UInt = 0
        let code = unsafe room.withUnsafeMutableBytes { octets in
            var attribute = unsafe CK_ATTRIBUTE(type: CKA_VALUE, pValue: octets.baseAddress, ulValueLen: 256)
            let code = unsafe calls.pointee.C_GetAttributeValue(session, handle, &attribute, 1)
            length = unsafe attribute.ulValueLen
            return code
        }
        return (code, code == 0 ? Array(room.prefix(Int(length))) : [])
    }

    func wrap(_ mechanism: UInt, with key: UInt, _ target: UInt) -> (code: UInt, octets: [UInt8]) {
        var wanted = unsafe CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
        var room = [UInt8](repeating: 0, count: 256)
        var length = UInt(room.count)
        let code = unsafe calls.pointee.C_WrapKey(session, &wanted, key, target, &room, &length)
        return (code, code == 0 ? Array(room.prefix(Int(length))) : [])
    }

    func unwrap(_ mechanism: UInt, with key: UInt, _ blob: [UInt8], _ attributes: [(UInt, [UInt8])]) -> UInt {
        var wanted = unsafe CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
        var blob = blob
        let length = UInt(blob.count)
        var made: UInt = 0
        return unsafe withTemplate(attributes) {
            unsafe calls.pointee.C_UnwrapKey(session, &wanted, key, &blob, length, $0, $1, &made)
        }
    }

    /// Starts an encryption, decryption, signature or MAC, and ends it again when it was let in.
    func start(_ operation: Operation, _ mechanism: UInt, _ key: UInt) -> UInt {
        var wanted = unsafe CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
        return switch operation {
        case .encrypt: unsafe calls.pointee.C_EncryptInit(session, &wanted, key)
        case .decrypt: unsafe calls.pointee.C_DecryptInit(session, &wanted, key)
        case .sign: unsafe calls.pointee.C_SignInit(session, &wanted, key)
        }
    }

    enum Operation { case encrypt, decrypt, sign }

    static func word(_ number: UInt) -> [UInt8] { unsafe withUnsafeBytes(of: number) { unsafe Array($0) } }

    @discardableResult
    private func withTemplate(
        _ attributes: [(UInt, [UInt8])],
        _ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, UInt) -> UInt
    ) -> UInt {
        let octets = attributes.flatMap(\.1)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(octets.count, 1), alignment: 8)
        defer { unsafe memory.deallocate() }
        unsafe memory.copyBytes(from: octets)
        var list: [CK_ATTRIBUTE] = unsafe []
        var offset = 0
        for (type, value) in attributes {
            let place = unsafe memory.baseAddress?.advanced(by: offset)
            unsafe list.append(CK_ATTRIBUTE(type: type, pValue: place, ulValueLen: UInt(value.count)))
            offset += value.count
        }
        return unsafe list.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress, UInt($0.count)) }
    }
}
