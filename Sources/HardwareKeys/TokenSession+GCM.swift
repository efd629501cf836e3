import CPKCS11
import Octets

extension TokenSession {
    /// AES-GCM with a tag of 128 bits: ciphertext ‖ tag.
    func encrypt(
        _ mechanism: UInt,
        key: UInt,
        nonce: [UInt8],
        associated: [UInt8],
        _ secret: borrowing SecretOctets
    ) throws(TokenRefusal) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: secret.count + Self.tagOctets)
        var length = UInt(output.count)
        let calls = unsafe module.calls
        let start = unsafe withParameters(mechanism, nonce, associated) {
            unsafe calls.pointee.C_EncryptInit(number, $0, key)
        }
        try TokenModule.check("EncryptInit", start)
        let code = unsafe secret.withUnsafeOctets { octets in
            let clear = unsafe UnsafeMutablePointer(mutating: octets.bindMemory(to: UInt8.self).baseAddress)
            return unsafe calls.pointee.C_Encrypt(number, clear, UInt(octets.count), &output, &length)
        }
        try TokenModule.check("Encrypt", code)
        return Array(output.prefix(Int(length)))
    }

    /// The inverse of `encrypt`. The clear text is moved, not copied, into the answer.
    func decrypt(
        _ mechanism: UInt,
        key: UInt,
        nonce: [UInt8],
        associated: [UInt8],
        _ sealed: [UInt8]
    ) throws(TokenRefusal) -> SecretOctets {
        let calls = unsafe module.calls
        let start = unsafe withParameters(mechanism, nonce, associated) {
            unsafe calls.pointee.C_DecryptInit(number, $0, key)
        }
        try TokenModule.check("DecryptInit", start)
        var input = sealed
        let count = UInt(input.count)
        let clearCount = max(sealed.count - Self.tagOctets, 0)
        var length = UInt(0)
        // The room is as long as the sealed text, because a module may write the tag's octets on its way.
        let room = unsafe try SecretOctets(count: sealed.count) { region throws(TokenRefusal) in
            length = UInt(region.count)
            let output = unsafe region.bindMemory(to: UInt8.self).baseAddress
            try TokenModule.check("Decrypt", unsafe calls.pointee.C_Decrypt(number, &input, count, output, &length))
        }
        guard length == UInt(clearCount) else { throw TokenRefusal(operation: "Decrypt", code: Self.wrongLength) }
        return unsafe SecretOctets(count: clearCount) { region in
            unsafe room.withUnsafeOctets {
                unsafe region.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(clearCount)))
            }
        }
    }

    private static var tagOctets: Int { 16 }
    private static var wrongLength: UInt { UInt(CKR_ENCRYPTED_DATA_LEN_RANGE) }

    private func withParameters(
        _ mechanism: UInt,
        _ nonce: [UInt8],
        _ associated: [UInt8],
        _ body: (UnsafeMutablePointer<CK_MECHANISM>) -> UInt
    ) -> UInt {
        var nonce = nonce
        var associated = associated
        return unsafe nonce.withUnsafeMutableBufferPointer { nonce in
            unsafe associated.withUnsafeMutableBufferPointer { associated in
                var parameters = unsafe CK_GCM_PARAMS(
                    pIv: nonce.baseAddress,
                    ulIvLen: UInt(nonce.count),
                    ulIvBits: UInt(nonce.count * 8),
                    pAAD: associated.baseAddress,
                    ulAADLen: UInt(associated.count),
                    ulTagBits: UInt(Self.tagOctets * 8)
                )
                return unsafe withUnsafeMutablePointer(to: &parameters) { parameters in
                    var wanted = unsafe CK_MECHANISM(
                        mechanism: mechanism,
                        pParameter: parameters,
                        ulParameterLen: UInt(MemoryLayout<CK_GCM_PARAMS>.size)
                    )
                    return unsafe body(&wanted)
                }
            }
        }
    }
}
