import COpenSSL
import Octets

/// Why a cryptographic operation was not carried out. A wrong signature or tag is not a fault of the machine: it is
/// `.authentication` where a value was to be opened, and `false` where a verdict was asked for.
package enum CryptographyFault: Error, Hashable, Sendable {
    /// A key, nonce, block or point has a length or form that the algorithm does not allow.
    case invalid(String)
    /// A tag did not fit: the value was altered, or it was sealed under another key or for another place.
    case authentication
    /// The library refused; the number is OpenSSL's packed error code, 0 when it left none.
    case provider(operation: String, code: UInt)

    /// Reads and empties this thread's error queue, so that an old error is never taken for a new one.
    static func drained(_ operation: String) -> CryptographyFault {
        var code: UInt = 0
        while case let next = ERR_get_error(), next != 0 { code = next }
        return .provider(operation: operation, code: code)
    }
}

/// Turns the library's "1 is success" into a typed fault.
func require(_ result: Int32, _ operation: String) throws(CryptographyFault) {
    guard result == 1 else { throw .drained(operation) }
}

/// Unwraps what the library returned, or names the operation that gave nothing.
func require<Value>(_ value: Value?, _ operation: String) throws(CryptographyFault) -> Value {
    guard let value else { throw .drained(operation) }
    return value
}
