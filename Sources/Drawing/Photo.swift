import CCairo
import CPicture
import Glibc

/// 照片 A decoded portrait: pixels for a picture, and its JPEG for a document.
@safe final class Photo {
    // Owned by this object, destroyed in deinit; cairo keeps its own reference while it draws.
    private let surface: OpaquePointer
    let width: Double
    let height: Double

    /// Decodes a JPEG of at most 4 MB and 4,096 pixels a side. Orientation marks are not followed: the office turns and
    /// crops a portrait when it is taken.
    init(jpeg: [UInt8]) throws(DrawingFault) {
        guard jpeg.count <= 4_194_304 else { throw .photoTooLarge }
        guard let bare = JPEGSegments.withoutNotes(jpeg) else { throw .photoDamaged }
        var pixels: UnsafeMutablePointer<UInt32>?
        var wide: UInt32 = 0
        var high: UInt32 = 0
        switch unsafe cpicture_jpeg_decode(bare, bare.count, 4096, &pixels, &wide, &high) {
        case CPICTURE_DRAWN: break
        case CPICTURE_TOO_LARGE: throw .photoTooLarge
        case CPICTURE_NO_MEMORY: throw .library(status: CAIRO_STATUS_NO_MEMORY.rawValue)
        default: throw .photoDamaged
        }
        defer { unsafe free(pixels) }
        let made = unsafe cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(wide), Int32(high))
        guard let made = unsafe made, let source = unsafe pixels else { throw .photoDamaged }
        unsafe surface = made
        width = Double(wide)
        height = Double(high)
        guard let rows = unsafe cairo_image_surface_get_data(made) else { throw .photoDamaged }
        let stride = Int(unsafe cairo_image_surface_get_stride(made))
        for row in 0..<Int(high) {
            unsafe memcpy(rows + row * stride, source + row * Int(wide), Int(wide) * 4)
        }
        unsafe cairo_surface_mark_dirty(made)
        try attach(bare)
    }

    deinit { unsafe cairo_surface_destroy(surface) }

    /// Fills a frame with the middle of the photo.
    func fill(_ canvas: Canvas, x: Double, y: Double, width frameWidth: Double, height frameHeight: Double) {
        let scale = max(frameWidth / width, frameHeight / height)
        let context = unsafe canvas.context
        unsafe cairo_save(context)
        unsafe cairo_translate(context, x + (frameWidth - width * scale) / 2, y + (frameHeight - height * scale) / 2)
        unsafe cairo_scale(context, scale, scale)
        unsafe cairo_set_source_surface(context, surface, 0, 0)
        unsafe cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_BEST)
        unsafe cairo_paint(context)
        unsafe cairo_restore(context)
    }

    /// Gives cairo the JPEG itself, so that a document holds it and not the decoded pixels.
    private func attach(_ jpeg: [UInt8]) throws(DrawingFault) {
        guard let copy = unsafe malloc(jpeg.count) else { throw .library(status: CAIRO_STATUS_NO_MEMORY.rawValue) }
        unsafe memcpy(copy, jpeg, jpeg.count)
        let octets = unsafe copy.assumingMemoryBound(to: UInt8.self)
        let status = unsafe cairo_surface_set_mime_data(
            surface,
            CAIRO_MIME_TYPE_JPEG,
            octets,
            UInt(jpeg.count),
            { unsafe free($0) },
            copy
        )
        guard status == CAIRO_STATUS_SUCCESS else {
            unsafe free(copy)
            throw .library(status: status.rawValue)
        }
    }
}

/// The segments of a JPEG file (ITU-T T.81, annex B).
enum JPEGSegments {
    /// The file without comments and application segments: camera, place and time of a portrait are nobody's business on
    /// a card. Kept are JFIF (APP0) and Adobe (APP14), which say what the colours mean. Nil when it is no JPEG.
    static func withoutNotes(_ jpeg: [UInt8]) -> [UInt8]? {
        guard jpeg.starts(with: [0xFF, 0xD8]) else { return nil }
        var kept: [UInt8] = [0xFF, 0xD8]
        var offset = 2
        while offset + 4 <= jpeg.count, jpeg[offset] == 0xFF {
            let marker = jpeg[offset + 1]
            if marker == 0xDA { return kept + jpeg[offset...] }
            let end = offset + 2 + Int(jpeg[offset + 2]) << 8 + Int(jpeg[offset + 3])
            guard marker >= 0xC0, end <= jpeg.count, end >= offset + 4 else { return nil }
            let isNote = marker == 0xFE || (0xE1...0xEF).contains(marker) && marker != 0xEE
            if !isNote { kept += jpeg[offset..<end] }
            offset = end
        }
        return nil
    }
}
