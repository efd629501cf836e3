import Office

/// Draws the face of a card for the relay.
enum CardDrawing {
    static let draw: (@Sendable (CardFaceOrder) throws -> CardFacePicture)? = nil
}
