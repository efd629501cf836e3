import Foundation

/// 卡片状态文件 The state file of a virtual card: JSON, written beside its place and renamed over it, so that a cut
/// leaves the old image or the new one, never half of either.
package struct CardStore: Sendable {
    /// Why an image could not be read.
    package enum Fault: Error, Hashable, Sendable {
        /// The file is there and cannot be read.
        case unreadable(path: String)
        /// The file is not the image of a card.
        case malformed(path: String)
    }

    private let place: URL

    /// A state file at a path; nothing is touched yet.
    package init(path: String) { place = URL(fileURLWithPath: path) }

    /// The image in the file; nil when there is no file yet.
    package func load() throws(Fault) -> CardImage? {
        guard FileManager.default.fileExists(atPath: place.path) else { return nil }
        guard let data = try? Data(contentsOf: place) else { throw .unreadable(path: place.path) }
        guard let image = try? JSONDecoder().decode(CardImage.self, from: data) else {
            throw .malformed(path: place.path)
        }
        return image
    }

    /// Replaces the file.
    package func keep(_ image: CardImage) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(image).write(to: place, options: .atomic)
    }
}
