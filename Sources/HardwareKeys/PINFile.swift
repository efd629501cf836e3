import Glibc
import KeyHierarchy
import Octets

/// PIN 文件 The PIN of a token in a file that nobody else can read.
enum PINFile {
    /// Reads the first line. Throws `.unreachable` when the file is a link, belongs to another user, or is open to
    /// group or others: a PIN that others could read or put there is not used.
    static func read(_ path: String) throws(CustodyFault) -> SecretOctets {
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw .unreachable("the PIN file \(path) cannot be read") }
        defer { close(file) }
        var about = stat()
        guard unsafe fstat(file, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
            throw .unreachable("the PIN file \(path) is no file")
        }
        guard about.st_uid == geteuid() else { throw .unreachable("the PIN file \(path) belongs to another user") }
        guard about.st_mode & 0o177 == 0 else { throw .unreachable("the PIN file \(path) must have mode 0600") }
        var count = 0
        let text = unsafe SecretOctets(count: sizeLimit) { region in
            if let base = region.baseAddress { count = max(unsafe Glibc.read(file, base, region.count), 0) }
        }
        let length = unsafe text.withUnsafeOctets { unsafe $0.prefix(count).prefix { $0 != 0x0A && $0 != 0x0D }.count }
        guard (1..<sizeLimit).contains(length) else { throw .unreachable("the PIN file \(path) is empty or too long") }
        return unsafe SecretOctets(count: length) { region in
            unsafe text.withUnsafeOctets {
                unsafe region.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(length)))
            }
        }
    }

    private static var sizeLimit: Int { 256 }
}
