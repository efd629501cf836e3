/// 字符范围 Which characters may stand in a name or an address.
enum WrittenScript {
    /// What a character is in a name.
    enum Place { case letter, mark, joint, privateUse, other }

    /// Unified ideographs, each its own NFKC; new blocks count before the library's tables know them.
    static func isPlainHan(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2F7FF, 0x2FA20...0x3FFFD, 0x3007: true
        default: false
        }
    }

    /// Names: letters of any script with their marks, and what joins their parts.
    static func place(of scalar: Unicode.Scalar) -> Place {
        if isPlainHan(scalar) { return .letter }
        switch scalar.value {
        case 0xE000...0xF8FF, 0xF0000...0x10FFFD: return .privateUse
        // The middle dot and what is typed for it; blank, hyphen, apostrophes, full stop.
        case 0xB7, 0x2022, 0x2027, 0x30FB, 0xFF65, 0x22C5, 0x0387, 0x0F0B: return .joint
        case 0x20, 0x3000, 0x2D, 0x2010, 0x27, 0x2019, 0x2E, 0xFF0E: return .joint
        default: break
        }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .nonspacingMark, .spacingMark: .mark
        default: .other
        }
    }

    /// Addresses: what is printed; no control, no format character, no private use.
    static func fault(inAddress text: String) -> FieldFault.Reason? {
        for scalar in text.unicodeScalars where !isPlainHan(scalar) {
            if (0x20...0x7E).contains(scalar.value) { continue }
            switch scalar.properties.generalCategory {
            case .privateUse: return .privateUse(scalar.value)
            case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: return .characters
            default: if scalar.value == 0xFFFD { return .characters }
            }
        }
        return nil
    }
}
