import Foundation

/// 姓名 A person's name as it is written: rare characters, `·`, Latin letters; and the forms under which it is found.
///
/// Pinyin is no form of it: no library here reads names (曾, 单, 仇 as surnames), and a guess would find the wrong
/// person.
package struct PersonName: Hashable, Sendable {
    /// The name of the card's file EF07 fits: tag, length and salt leave this many octets of UTF-8.
    package static let octetLimit = 100

    /// As written.
    package let text: String
    /// The form of the keyed index: NFKC, capitals, one kind of middle dot, single blanks.
    package let indexForm: String

    /// Checks a name; throws a fault of the field `name`.
    package init(_ text: String) throws(FieldFault) {
        guard !text.isEmpty else { throw FieldFault(.name, .missing) }
        guard text.utf8.count <= Self.octetLimit else { throw FieldFault(.name, .length) }
        var isPlain = true
        var hasLetter = false
        for scalar in text.unicodeScalars {
            if WrittenScript.isPlainHan(scalar) {
                hasLetter = true
                continue
            }
            isPlain = isPlain && scalar == "\u{B7}"
            switch WrittenScript.place(of: scalar) {
            case .letter: hasLetter = true
            case .mark, .joint: break
            case .privateUse: throw FieldFault(.name, .privateUse(scalar.value))
            case .other: throw FieldFault(.name, .characters)
            }
        }
        guard hasLetter, !Self.isJoint(text.unicodeScalars.first), !Self.isBlank(text.unicodeScalars.last) else {
            throw FieldFault(.name, .characters)
        }
        self.text = text
        // Unified ideographs and the middle dot are their own NFKC.
        indexForm = isPlain ? text : Self.folded(text)
    }

    /// 姓 The first character of the index form.
    package var firstCharacter: String { String(indexForm.prefix(1)) }

    /// The first two characters of the index form; nil when there is one alone.
    package var firstTwoCharacters: String? {
        let two = indexForm.prefix(2)
        return two.count == 2 ? String(two) : nil
    }

    /// The index form of a part of a name that somebody looks for.
    package static func indexForm(ofPart text: String) -> String { folded(text) }

    private static func folded(_ text: String) -> String {
        let composed = text.precomposedStringWithCompatibilityMapping.uppercased()
        var scalars = String.UnicodeScalarView()
        for scalar in composed.unicodeScalars {
            switch scalar.value {
            // Bullet, hyphenation point, katakana dots, dot operator, ano teleia: all typed for the middle dot.
            case 0x2022, 0x2027, 0x30FB, 0xFF65, 0x22C5, 0x0387: scalars.append("\u{B7}")
            case 0x20 where scalars.last == " ": break
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    private static func isJoint(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return true }
        return WrittenScript.place(of: scalar) == .joint
    }

    private static func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar == " " || scalar == "\u{3000}" }
}
