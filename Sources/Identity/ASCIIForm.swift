/// 全角转半角 What people type on a Chinese keyboard: full-width forms become ASCII, letters upper case; nothing else.
enum ASCIIForm {
    static func of(_ text: String) -> String {
        // Most input is plain already, and then this is one pass over octets.
        if text.utf8.allSatisfy({ $0 < 0x61 }) { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isWide = (0xFF01...0xFF5E).contains(scalar.value)
            let plain = isWide ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
            let isSmall = (0x61...0x7A).contains(plain.value)
            scalars.append(isSmall ? Unicode.Scalar(plain.value - 0x20) ?? plain : plain)
        }
        return String(scalars)
    }
}
