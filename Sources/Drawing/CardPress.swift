package import Octets

/// 卡面绘制 Draws card faces, ISO/IEC 7810 ID-1, 85.60 x 53.98 mm, to the edges; the cutter rounds the corners.
///
/// The field of the contacts (ISO/IEC 7816-2) stays free. Synchronous and without files except the fonts: the same face
/// gives the same octets.
package struct CardPress: Sendable {
    private let typefaces: Typefaces

    package init(_ typefaces: Typefaces) { self.typefaces = typefaces }

    /// 1,011 x 638 pixels at 300 dots an inch.
    package func png(_ face: CardFace) throws(DrawingFault) -> [UInt8] {
        let canvas = try Canvas.pixels(Self.page, dotsPerInch: 300)
        try draw(face, on: canvas)
        return PNGResolution.marked(try canvas.png(), dotsPerMetre: 11_811)
    }

    /// One page of the card's size; text stays text, fonts are embedded as subsets, a photo stays JPEG.
    package func pdf(_ face: CardFace, madeAt: CivilTime) throws(DrawingFault) -> [UInt8] {
        let canvas = try Canvas.document(Self.page)
        try draw(face, on: canvas)
        return try canvas.pdf(title: face.kind.chinese, madeAt: madeAt.iso8601)
    }

    private static let page = Extent(width: 85.60, height: 53.98)
    private static let deep = Colour(0x0D4A5E)
    private static let accent = Colour(0xE0A030)
    private static let ground = Colour(0xF4F7F7)
    private static let faint = Colour(0xE4EDEE)
    private static let ink = Colour(0x14252B)
    private static let grey = Colour(0x5B7078)
    private static let white = Colour(0xFFFFFF)
    private static let silhouette = Colour(0xA9BCC2)
    private static let margin = 6.0
    private static let bandHeight = 14.2
    private static let right = page.width - margin

    private func draw(_ face: CardFace, on canvas: Canvas) throws(DrawingFault) {
        drawGround(canvas)
        try drawHead(face, canvas)
        try drawPortrait(face.photo, canvas)
        for line in Self.lines(face) { try canvas.draw(line, typefaces) }
        try canvas.check()
    }

    private func drawGround(_ canvas: Canvas) {
        // A millimetre more than the page: its last row of pixels is half a row.
        canvas.fill(Self.ground) { $0.rectangle(0, 0, Self.page.width + 1, Self.page.height + 1) }
        CityEmblem.draw(on: canvas, x: 44, y: 46, radius: 19, Self.faint)
        canvas.fill(Self.deep) { $0.rectangle(0, 0, Self.page.width + 1, Self.bandHeight) }
        canvas.fill(Self.accent) { $0.rectangle(0, Self.bandHeight, Self.page.width + 1, 0.7) }
    }

    private func drawHead(_ face: CardFace, _ canvas: Canvas) throws(DrawingFault) {
        CityEmblem.draw(on: canvas, x: Self.margin + 4.6, y: 7.1, radius: 4.6, Self.white)
        let x = Self.margin + 11.4
        let lines = [
            Line("city", face.city.chinese, x: x, baseline: 7.9, size: 5.2, width: 32, colour: Self.white),
            Line("city", face.city.english, x: x, baseline: 11.6, size: 2.3, width: 32, colour: Self.white),
            Line(
                "kind",
                face.kind.chinese,
                x: Self.right,
                baseline: 7.7,
                size: 4.2,
                width: 28,
                colour: Self.white,
                alignment: .trailing
            ),
            Line(
                "kind",
                face.kind.english,
                x: Self.right,
                baseline: 11.6,
                size: 2.3,
                width: 28,
                colour: Self.white,
                alignment: .trailing
            ),
        ]
        for line in lines { try canvas.draw(line, typefaces) }
    }

    private func drawPortrait(_ photo: [UInt8], _ canvas: Canvas) throws(DrawingFault) {
        let (x, y, width, height) = (Self.right - 20, 18.4, 20.0, 26.0)
        let frame: (Path) -> Void = { $0.roundedRectangle(x, y, width, height, radius: 1.2) }
        let portrait = photo.isEmpty ? nil : try Photo(jpeg: photo)
        canvas.clipped(frame) {
            canvas.fill(Self.faint) { $0.rectangle(x, y, width, height) }
            guard let portrait else {
                let middle = x + width / 2
                canvas.fill(Self.silhouette) { $0.circle(middle, y + 10, radius: 4.6) }
                canvas.fill(Self.silhouette) { path in
                    path.move(middle - 8.2, y + height + 1)
                    path.curve(middle - 8.2, y + 15.5, middle + 8.2, y + 15.5, middle + 8.2, y + height + 1)
                    path.close()
                }
                return
            }
            portrait.fill(canvas, x: x, y: y, width: width, height: height)
        }
        canvas.stroke(Self.deep, width: 0.25, frame)
    }

    private static func lines(_ face: CardFace) -> [Line] {
        func label(_ text: String, _ x: Double, _ baseline: Double) -> Line {
            Line("label", text, x: x, baseline: baseline, size: 1.9, width: 40, colour: grey)
        }
        var lines = [
            label("姓名  NAME", 27, 20.6),
            Line("holder", face.holder, x: 27, baseline: 27.8, size: 6.4, smallest: 2.4, width: 30, colour: ink),
            label("卡号  CARD NUMBER", margin, 36),
            Line("number", face.printedNumber, x: margin, baseline: 41, size: 4.7, smallest: 3, width: 51, colour: ink),
            label("有效期至  VALID UNTIL", margin, 46),
            Line(
                "validUntil",
                face.validUntil.isoDate,
                x: margin,
                baseline: 49.8,
                size: 3.3,
                width: 30,
                colour: ink
            ),
        ]
        if !face.reference.isEmpty {
            lines.append(
                Line(
                    "reference",
                    face.reference,
                    x: right,
                    baseline: 49.8,
                    size: 1.7,
                    smallest: 1.2,
                    width: 42,
                    colour: grey,
                    alignment: .trailing
                )
            )
        }
        return lines
    }
}
