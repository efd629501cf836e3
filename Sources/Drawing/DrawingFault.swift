/// 绘图失败 Why nothing was drawn.
package enum DrawingFault: Error, Hashable, Sendable {
    /// A configured family is not in the configured folders. Another one would be taken silently, so it is refused.
    case missingFont(String)
    /// No configured font has the character; the code point is named so that a font can be found for it.
    case noGlyph(codePoint: UInt32)
    /// A control, format or private-use character: what it would look like depends on the font.
    case notDrawable(codePoint: UInt32)
    /// The text does not fit its place, not even at the smallest readable size.
    case tooWide(field: String)
    /// A text that must be there is empty.
    case empty(field: String)
    /// The photo is no JPEG, is cut short, or has colours other than grey and RGB.
    case photoDamaged
    /// A side of the photo is over the limit, or the file is.
    case photoTooLarge
    /// The font folder of the settings cannot be written.
    case folder(String)
    /// cairo answered with a status of its own.
    case library(status: UInt32)
}
