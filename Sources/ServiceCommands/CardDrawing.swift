import Drawing
import Octets
import Office

/// Draws the face of a card for the relay.
struct CardDrawing: Sendable {
    private let press: CardPress
    private let printer: CardPrinter?
    private let now: @Sendable () -> CivilTime

    /// Finds the fonts; once per process, before anything is drawn.
    init(folder: String, printer: CardPrinter?, now: @escaping @Sendable () -> CivilTime) throws(DrawingFault) {
        self.printer = printer
        press = CardPress(try Typefaces(folder: folder))
        self.now = now
    }

    func draw(_ order: CardFaceOrder) throws -> CardFacePicture {
        let kind = order.kindWords
        let face = CardFace(
            city: CardFace.Words(chinese: order.city.chinese, english: order.city.english),
            kind: CardFace.Words(chinese: kind.chinese, english: kind.english),
            holder: order.name,
            number: order.number,
            validUntil: order.validUntil,
            photo: order.photo,
            reference: order.reference
        )
        let picture = CardFacePicture(png: try press.png(face), pdf: try press.pdf(face, madeAt: now()))
        try printer?.print(picture.pdf)
        return picture
    }
}
