import CPKCS11
import Glibc

/// 属性模板 A list of PKCS #11 attributes with the memory of their values.
///
/// One object owns every value from `add` to its end, so the array handed to the module never points at freed memory.
/// A secret value is wiped.
@safe final class Template {
    // Allocated in `add`, wiped and freed in deinit; used by the one call that made this template.
    private var values: [UnsafeMutableRawBufferPointer] = unsafe []
    private var attributes: [CK_ATTRIBUTE] = unsafe []

    deinit {
        while let value = unsafe values.popLast() {
            if let base = value.baseAddress { unsafe explicit_bzero(base, value.count) }
            unsafe value.deallocate()
        }
    }

    /// Adds octets as they are.
    @discardableResult
    func add(_ type: UInt, _ octets: some Collection<UInt8>) -> Template {
        let value = UnsafeMutableRawBufferPointer.allocate(byteCount: max(octets.count, 1), alignment: 8)
        unsafe value.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe value.copyBytes(from: octets)
        unsafe values.append(value)
        unsafe attributes.append(
            CK_ATTRIBUTE(type: type, pValue: value.baseAddress, ulValueLen: UInt(octets.count))
        )
        return self
    }

    /// Adds a truth of one octet.
    @discardableResult
    func add(_ type: UInt, _ truth: Bool) -> Template { add(type, [truth ? 1 : 0] as [UInt8]) }

    /// Adds numbers of the machine's word, the form of classes, key types and lists of mechanisms.
    @discardableResult
    func add(_ type: UInt, words numbers: [UInt]) -> Template {
        add(type, numbers.flatMap { number in unsafe withUnsafeBytes(of: number) { unsafe Array($0) } })
    }

    /// Lends the array for one call.
    func withAttributes<Result>(_ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, UInt) -> Result) -> Result {
        unsafe attributes.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress, UInt($0.count)) }
    }
}

extension UInt {
    /// A machine word from the octets of an attribute; nil unless they are exactly one word.
    init?(attribute octets: [UInt8]) {
        guard octets.count == MemoryLayout<UInt>.size else { return nil }
        self = unsafe octets.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt.self) }
    }
}
