import CCairo
import FoundationEssentials
import Glibc

/// 字体 The fonts of this process: named families in named folders and no others.
///
/// pango takes an unknown family silently and falls back to whatever is installed. So a fontconfig file with these
/// folders alone is written, named in FONTCONFIG_FILE before the first pango call of the process, and each family is
/// loaded and compared. Make one value at start and hand it on; a second one must have the same settings.
package struct Typefaces: Hashable, Sendable {
    /// Which fonts, and where.
    package struct Settings: Hashable, Sendable {
        /// In the order in which they are asked for a character.
        package let families: [String]
        package let folders: [String]

        package init(families: [String], folders: [String]) {
            self.families = families
            self.folders = folders
        }

        /// Mainland forms first, Japanese forms of rare characters last; the places of Debian's packages.
        package static let debian = Settings(
            families: ["WenQuanYi Zen Hei", "BabelStone Han", "HanaMinA", "HanaMinB"],
            folders: [
                "/usr/share/fonts/truetype/wqy", "/usr/share/fonts/truetype/babelstone",
                "/usr/share/fonts/truetype/hanazono",
            ]
        )
    }

    /// The list of families that pango is asked for.
    let description: String

    /// Writes `fonts.conf` and keeps its cache in a folder of ours; throws `.missingFont` with the family's name.
    package init(_ settings: Settings = .debian, folder: String) throws(DrawingFault) {
        let file = "\(folder)/fonts.conf"
        let text = Self.configuration(settings, cache: "\(folder)/cache")
        do {
            try FileManager.default.createDirectory(atPath: "\(folder)/cache", withIntermediateDirectories: true)
            if FileManager.default.contents(atPath: file) != Data(text.utf8) {
                try Data(text.utf8).write(to: URL(filePath: file), options: [.atomic])
            }
        } catch { throw .folder(folder) }
        guard unsafe setenv("FONTCONFIG_FILE", file, 1) == 0 else { throw .folder(folder) }
        description = settings.families.joined(separator: ",")
        let canvas = try Canvas.blank()
        for family in settings.families where canvas.resolvedFamily(family) != family { throw .missingFont(family) }
    }

    private static func configuration(_ settings: Settings, cache: String) -> String {
        func escaped(_ path: String) -> String {
            path.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        }
        let folders = settings.folders.map { "<dir>\(escaped($0))</dir>" }.joined(separator: "\n")
        return """
            <?xml version="1.0"?>
            <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
            <fontconfig>
            \(folders)
            <cachedir>\(escaped(cache))</cachedir>
            <match target="font"><edit name="embeddedbitmap" mode="assign"><bool>false</bool></edit></match>
            </fontconfig>

            """
    }
}
