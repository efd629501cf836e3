import CCairo

/// 画布 One page in millimetres, from the left top corner, over a cairo surface.
@safe final class Canvas {
    // Owned by this object alone, used by one thread, destroyed in deinit.
    let context: OpaquePointer
    private let surface: OpaquePointer
    private let outlet: Outlet

    /// Gathers what cairo writes.
    private final class Outlet {
        var octets: [UInt8] = []
    }

    private init(surface: OpaquePointer, outlet: Outlet, unitsPerMillimetre: Double) throws(DrawingFault) {
        unsafe self.surface = surface
        unsafe context = cairo_create(surface)
        self.outlet = outlet
        unsafe cairo_scale(context, unitsPerMillimetre, unitsPerMillimetre)
        try check()
    }

    deinit {
        unsafe cairo_destroy(context)
        unsafe cairo_surface_destroy(surface)
    }

    /// Pixels of a page at a resolution, white.
    static func pixels(_ page: Extent, dotsPerInch: Double) throws(DrawingFault) -> Canvas {
        let scale = dotsPerInch / millimetresPerInch
        let surface = unsafe cairo_image_surface_create(
            CAIRO_FORMAT_RGB24,
            Int32((page.width * scale).rounded()),
            Int32((page.height * scale).rounded())
        )
        return try unsafe canvas(surface, Outlet(), scale)
    }

    /// A document of one page.
    static func document(_ page: Extent) throws(DrawingFault) -> Canvas {
        let outlet = Outlet()
        let scale = 72 / millimetresPerInch
        let surface = unsafe cairo_pdf_surface_create_for_stream(
            write,
            // The canvas keeps the outlet until after its surface is destroyed.
            Unmanaged.passUnretained(outlet).toOpaque(),
            page.width * scale,
            page.height * scale
        )
        return try unsafe canvas(surface, outlet, scale)
    }

    /// Nothing to draw on; for questions about fonts.
    static func blank() throws(DrawingFault) -> Canvas { try pixels(Extent(width: 1, height: 1), dotsPerInch: 25.4) }

    /// Ends the page: the PNG of a canvas of pixels.
    func png() throws(DrawingFault) -> [UInt8] {
        try check()
        let status = unsafe cairo_surface_write_to_png_stream(
            surface,
            Self.write,
            Unmanaged.passUnretained(outlet).toOpaque()
        )
        guard status == CAIRO_STATUS_SUCCESS else { throw .library(status: status.rawValue) }
        return outlet.octets
    }

    /// Ends the page: the PDF of a document, with its title and the moment that stands in it, `2026-04-01T08:00:00Z`.
    func pdf(title: String, madeAt: String) throws(DrawingFault) -> [UInt8] {
        unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title)
        unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, madeAt)
        unsafe cairo_show_page(context)
        try check()
        unsafe cairo_surface_finish(surface)
        let status = unsafe cairo_surface_status(surface)
        guard status == CAIRO_STATUS_SUCCESS else { throw .library(status: status.rawValue) }
        return outlet.octets
    }

    /// Fills the path that the closure draws.
    func fill(_ colour: Colour, _ path: (Path) -> Void) {
        unsafe cairo_new_path(context)
        unsafe path(Path(context: context))
        apply(colour)
        unsafe cairo_fill(context)
    }

    /// Draws along the path with a pen of a width in millimetres.
    func stroke(_ colour: Colour, width: Double, _ path: (Path) -> Void) {
        unsafe cairo_new_path(context)
        unsafe path(Path(context: context))
        apply(colour)
        unsafe cairo_set_line_width(context, width)
        unsafe cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        unsafe cairo_stroke(context)
    }

    /// Draws only within a path.
    func clipped<Failure: Error>(_ path: (Path) -> Void, _ body: () throws(Failure) -> Void) throws(Failure) {
        unsafe cairo_save(context)
        defer { unsafe cairo_restore(context) }
        unsafe cairo_new_path(context)
        unsafe path(Path(context: context))
        unsafe cairo_clip(context)
        try body()
    }

    func apply(_ colour: Colour) {
        unsafe cairo_set_source_rgb(context, colour.red, colour.green, colour.blue)
    }

    func check() throws(DrawingFault) {
        let status = unsafe cairo_status(context)
        guard status == CAIRO_STATUS_SUCCESS else { throw .library(status: status.rawValue) }
    }

    private static let millimetresPerInch = 25.4

    private static let write: cairo_write_func_t = { closure, octets, count in
        guard let closure = unsafe closure, let octets = unsafe octets else { return CAIRO_STATUS_WRITE_ERROR }
        let outlet = unsafe Unmanaged<Outlet>.fromOpaque(closure).takeUnretainedValue()
        unsafe outlet.octets.append(contentsOf: UnsafeBufferPointer(start: octets, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
    }

    private static func canvas(
        _ surface: OpaquePointer?,
        _ outlet: Outlet,
        _ scale: Double
    ) throws(DrawingFault) -> Canvas {
        guard let surface = unsafe surface else { throw .library(status: CAIRO_STATUS_NO_MEMORY.rawValue) }
        return try unsafe Canvas(surface: surface, outlet: outlet, unitsPerMillimetre: scale)
    }
}

/// A size in millimetres.
struct Extent: Hashable, Sendable {
    let width: Double
    let height: Double
}

/// A colour as in `0x0E4B5A`.
struct Colour: Hashable, Sendable {
    let red: Double
    let green: Double
    let blue: Double

    init(_ number: UInt32) {
        red = Double(number >> 16 & 0xFF) / 255
        green = Double(number >> 8 & 0xFF) / 255
        blue = Double(number & 0xFF) / 255
    }
}

/// 路径 The path being drawn, in millimetres.
@safe struct Path {
    // Lent by a canvas for the time of a closure.
    private let context: OpaquePointer

    init(context: OpaquePointer) { unsafe self.context = context }

    func move(_ x: Double, _ y: Double) { unsafe cairo_move_to(context, x, y) }
    func line(_ x: Double, _ y: Double) { unsafe cairo_line_to(context, x, y) }
    func close() { unsafe cairo_close_path(context) }
    func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        unsafe cairo_rectangle(context, x, y, width, height)
    }
    func circle(_ x: Double, _ y: Double, radius: Double) {
        unsafe cairo_new_sub_path(context)
        unsafe cairo_arc(context, x, y, radius, 0, 2 * .pi)
        unsafe cairo_close_path(context)
    }
    func arc(_ x: Double, _ y: Double, radius: Double, from: Double, to: Double) {
        unsafe cairo_arc(context, x, y, radius, from, to)
    }
    func curve(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ x: Double, _ y: Double) {
        unsafe cairo_curve_to(context, x1, y1, x2, y2, x, y)
    }
    func roundedRectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, radius: Double) {
        unsafe cairo_new_sub_path(context)
        arc(x + width - radius, y + radius, radius: radius, from: -.pi / 2, to: 0)
        arc(x + width - radius, y + height - radius, radius: radius, from: 0, to: .pi / 2)
        arc(x + radius, y + height - radius, radius: radius, from: .pi / 2, to: .pi)
        arc(x + radius, y + radius, radius: radius, from: .pi, to: 1.5 * .pi)
        close()
    }
}
