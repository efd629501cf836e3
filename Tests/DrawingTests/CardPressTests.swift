import Drawing
import Foundation
import Octets
import Testing

@Suite("卡面 the card face as picture and document", .enabled(if: TestFonts.areThere, "\(TestFonts.packages)"))
struct CardPressTests {
    let press: CardPress

    init() throws { press = CardPress(try TestFonts.shared.get()) }

    static func face(
        holder: String = "沈清荷",
        photo: [UInt8] = [],
        reference: String = "服务热线 12345 · 批次 2026-04"
    ) -> CardFace {
        CardFace(
            city: CardFace.Words(chinese: "云栖市", english: "YUNQI CITY"),
            kind: CardFace.Words(chinese: "市民卡", english: "CITIZEN CARD"),
            holder: holder,
            number: "00019901000000012343",
            validUntil: CivilTime(seconds: 2_090_620_800),
            photo: photo,
            reference: reference
        )
    }

    static let moment = CivilTime(seconds: 1_775_030_400)

    @Test
    func `the picture has the size of a card at 300 dots an inch and says so`() throws {
        let png = try press.png(Self.face())
        #expect(Array(png.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(Array(png[16..<24]) == UInt32(1011).bigEndianOctets + UInt32(638).bigEndianOctets)
        #expect(
            Array(png[37..<54]) == Array("pHYs".utf8) + [0, 0, 0x2E, 0x23, 0, 0, 0x2E, 0x23, 1, 0x78, 0xA5, 0x3F, 0x76]
        )
        try keep(png, "card.png")
    }

    @Test
    func `the same face gives the same octets`() throws {
        #expect(try press.png(Self.face()) == press.png(Self.face()))
        #expect(try press.pdf(Self.face(), madeAt: Self.moment) == press.pdf(Self.face(), madeAt: Self.moment))
    }

    @Test(.enabled(if: TestPrograms.poppler, "poppler-utils is not installed"))
    func `the document is one page of a card's size, its text is found and its fonts are inside`() throws {
        let pdf = try press.pdf(Self.face(), madeAt: Self.moment)
        let path = try keep(pdf, "card.pdf")
        let about = try TestPrograms.run("/usr/bin/pdfinfo", [path])
        #expect(about.contains("Pages:           1\n"))
        #expect(about.contains("Page size:       242.646 x 153.014 pts"))
        #expect(about.contains("Title:           市民卡"))
        let text = try TestPrograms.run("/usr/bin/pdftotext", ["-layout", path, "-"])
        for words in [
            "云栖市", "YUNQI CITY", "市民卡", "CITIZEN CARD", "沈清荷", "0001 9901 0000 0001 2343", "2036-04-01",
            "服务热线 12345 · 批次 2026-04", "姓名",
        ] { #expect(text.contains(words), "\(words)") }
        let fonts = try TestPrograms.run("/usr/bin/pdffonts", [path]).split(separator: "\n").dropFirst(2)
        #expect(!fonts.isEmpty)
        for font in fonts {
            let words = font.split(separator: " ")
            // The last columns: emb, sub, uni, object, generation.
            #expect(words.suffix(5).prefix(3) == ["yes", "yes", "yes"], "\(font)")
            #expect(font.contains("+"), "\(font)")
        }
    }

    @Test(arguments: Array("𠀀㛃㑇𤧛𫍯𬘓䶮𬤇𨱏𬬩𣲘𫄧𠅤龥鿍喆堃昇彧嫑玥").map(String.init))
    func `a rare character of a name is drawn`(character: String) throws {
        let blank = try press.png(Self.face(holder: "王"))
        #expect(try press.png(Self.face(holder: "王" + character)) != blank)
    }

    @Test(.enabled(if: TestPrograms.poppler, "poppler-utils is not installed"))
    func `rare names stay text in the document`() throws {
        for name in ["𠀀㛃㑇𤧛𫍯𬘓䶮", "𬤇𨱏𬬩𣲘𫄧𠅤龥", "鿍喆堃昇彧嫑玥", "欧阳嫑𬘓"] {
            let path = try keep(press.pdf(Self.face(holder: name), madeAt: Self.moment), "rare-\(UUID()).pdf")
            #expect(try TestPrograms.run("/usr/bin/pdftotext", ["-layout", path, "-"]).contains(name))
        }
    }

    @Test
    func `a character that no font has is named`() throws {
        // Extension H, of which the fonts have a part only, and extension I, of which they have nothing.
        for number: UInt32 in [0x32000, 0x2EBF0] {
            let scalar = try #require(Unicode.Scalar(number))
            let face = Self.face(holder: "王\(scalar)")
            #expect(throws: DrawingFault.noGlyph(codePoint: number)) { _ = try press.png(face) }
            #expect(throws: DrawingFault.noGlyph(codePoint: number)) { _ = try press.pdf(face, madeAt: Self.moment) }
        }
    }

    @Test(arguments: [0x0A, 0x00, 0x202E, 0x200D, 0xE000, 0xF0000, 0x2028] as [UInt32])
    func `a control, format or private character is refused by name`(number: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(number))
        #expect(throws: DrawingFault.notDrawable(codePoint: number)) {
            _ = try press.png(Self.face(holder: "王\(scalar)伟"))
        }
    }

    @Test
    func `a long name shrinks, and one that would be unreadable is refused`() throws {
        let png = try press.png(Self.face(holder: "买买提·阿卜杜热合曼"))
        try keep(png, "long.png")
        #expect(throws: DrawingFault.tooWide(field: "holder")) {
            _ = try press.png(Self.face(holder: String(repeating: "买", count: 40)))
        }
        #expect(throws: DrawingFault.empty(field: "holder")) { _ = try press.png(Self.face(holder: "")) }
    }

    @Test
    func `a photo is drawn, and stays a JPEG without notes in the document`() throws {
        let jpeg = try TestPhoto.jpeg()
        let png = try press.png(Self.face(photo: jpeg))
        #expect(png != (try press.png(Self.face())))
        try keep(png, "photo.png")
        let noted = Array(jpeg.prefix(2)) + [0xFF, 0xE1, 0, 8] + Array("secret".utf8) + Array(jpeg.dropFirst(2))
        let pdf = try press.pdf(Self.face(photo: noted), madeAt: Self.moment)
        #expect(pdf == (try press.pdf(Self.face(photo: jpeg), madeAt: Self.moment)))
        #expect(String(decoding: pdf, as: UTF8.self).contains("/DCTDecode"))
        #expect(!String(decoding: pdf, as: UTF8.self).contains("secret"))
        #expect(try press.png(Self.face(photo: noted)) == png)
    }

    @Test
    func `a photo that is cut short anywhere, altered in its head or far too large is refused`() throws {
        let jpeg = try TestPhoto.jpeg()
        for count in stride(from: 1, to: jpeg.count, by: max(jpeg.count / 60, 1)) {
            #expect(throws: DrawingFault.photoDamaged, "\(count) octets") {
                _ = try press.png(Self.face(photo: Array(jpeg.prefix(count))))
            }
        }
        #expect(throws: DrawingFault.photoDamaged) { _ = try press.png(Self.face(photo: Array("GIF89a".utf8))) }
        let large = [UInt8](repeating: 0, count: 4_194_305)
        #expect(throws: DrawingFault.photoTooLarge) { _ = try press.png(Self.face(photo: large)) }
        // SOF: its sides say 8,000 x 8,000.
        let frame = try #require(zip(jpeg, jpeg.dropFirst()).enumerated().first { $0.element == (0xFF, 0xC0) }).offset
        var wide = jpeg
        wide.replaceSubrange(frame + 5..<frame + 9, with: [0x1F, 0x40, 0x1F, 0x40])
        #expect(throws: DrawingFault.photoTooLarge) { _ = try press.png(Self.face(photo: wide)) }
    }

    @Test
    func `an altered photo ends as a picture or as a fault, never otherwise`() throws {
        let jpeg = try TestPhoto.jpeg()
        for index in stride(from: 2, to: jpeg.count, by: 23) {
            var altered = jpeg
            altered[index] ^= 0xFF
            do throws(DrawingFault) { _ = try press.png(Self.face(photo: altered)) } catch {
                #expect(error == .photoDamaged || error == .photoTooLarge, "octet \(index)")
            }
        }
    }

    @Test
    func `several threads draw at the same time and get the same picture`() async throws {
        let press = press
        let expected = try press.png(Self.face())
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<8 { group.addTask { try press.png(Self.face()) } }
            for try await png in group { #expect(png == expected) }
        }
    }

    /// Keeps a result where CITIZEN_DRAWINGS says, for a look at it; else in the temporary folder.
    @discardableResult
    func keep(_ octets: [UInt8], _ name: String) throws -> String {
        let folder = ProcessInfo.processInfo.environment["CITIZEN_DRAWINGS"] ?? TestFonts.folder
        try Data(octets).write(to: URL(filePath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }
}

@Suite("字体 the fonts of the process", .enabled(if: TestFonts.areThere, "\(TestFonts.packages)"))
struct TypefacesTests {
    @Test
    func `a family that is not there is named, and no other is taken for it`() throws {
        _ = try TestFonts.shared.get()
        let settings = Typefaces.Settings(
            families: ["WenQuanYi Zen Hei", "Source Han Sans"],
            folders: Typefaces.Settings.debian.folders
        )
        // The same folder: FONTCONFIG_FILE is read once.
        #expect(throws: DrawingFault.missingFont("Source Han Sans")) {
            try Typefaces(settings, folder: TestFonts.folder)
        }
        #expect(throws: DrawingFault.folder("/proc/nothing")) { try Typefaces(folder: "/proc/nothing") }
    }
}
