import CCairo

/// 文字 One line of text: its place, size and how far it may shrink.
struct Line: Hashable, Sendable {
    enum Alignment: Sendable { case leading, trailing }

    /// Names the text in a fault.
    let field: String
    let text: String
    /// Where the line begins, or ends when it is trailing.
    let x: Double
    let baseline: Double
    /// Height of the em in millimetres.
    let size: Double
    /// Below this it would not be readable on a card.
    let smallest: Double
    let width: Double
    let colour: Colour
    let alignment: Alignment

    init(
        _ field: String,
        _ text: String,
        x: Double,
        baseline: Double,
        size: Double,
        smallest: Double? = nil,
        width: Double,
        colour: Colour,
        alignment: Alignment = .leading
    ) {
        self.field = field
        self.text = text
        self.x = x
        self.baseline = baseline
        self.size = size
        self.smallest = smallest ?? size * 0.6
        self.width = width
        self.colour = colour
        self.alignment = alignment
    }
}

extension Canvas {
    /// Draws a line, smaller when it is too wide. Throws before anything is drawn.
    func draw(_ line: Line, _ typefaces: Typefaces) throws(DrawingFault) {
        for scalar in line.text.unicodeScalars where !Self.isDrawable(scalar) {
            throw .notDrawable(codePoint: scalar.value)
        }
        guard !line.text.isEmpty else { throw .empty(field: line.field) }
        var layout = TextLayout(self, line.text, families: typefaces.description, size: line.size)
        guard layout.unknownGlyphs == 0 else { throw .noGlyph(codePoint: unknown(line, typefaces)) }
        if layout.width > line.width {
            let size = line.size * line.width / layout.width
            guard size >= line.smallest else { throw .tooWide(field: line.field) }
            layout = TextLayout(self, line.text, families: typefaces.description, size: size)
        }
        let x = line.alignment == .leading ? line.x : line.x - layout.width
        apply(line.colour)
        layout.show(self, x: x, y: line.baseline - layout.baseline)
        try check()
    }

    /// The family that pango really takes for a name.
    func resolvedFamily(_ family: String) -> String? {
        TextLayout(self, "卡", families: family, size: 4).resolvedFamily
    }

    /// The first character that no font has; the first of the line when only the whole line lacks something.
    private func unknown(_ line: Line, _ typefaces: Typefaces) -> UInt32 {
        let scalars = line.text.unicodeScalars
        let found = scalars.first { scalar in
            TextLayout(self, String(scalar), families: typefaces.description, size: 4).unknownGlyphs > 0
        }
        return (found ?? scalars.first)?.value ?? 0
    }

    private static func isDrawable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

/// 排版 A line as pango lays it out for a canvas.
@safe private final class TextLayout {
    // Owned by this object, released in deinit.
    private let layout: OpaquePointer

    init(_ canvas: Canvas, _ text: String, families: String, size: Double) {
        unsafe layout = pango_cairo_create_layout(canvas.context)
        let context = unsafe pango_layout_get_context(layout)
        let options = unsafe cairo_font_options_create()
        unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        unsafe cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        unsafe pango_cairo_context_set_font_options(context, options)
        unsafe cairo_font_options_destroy(options)
        // A unit is a millimetre: rounded to units, glyphs would stand on each other.
        unsafe pango_context_set_round_glyph_positions(context, 0)
        unsafe pango_context_set_language(context, pango_language_from_string("zh-cn"))
        unsafe pango_layout_context_changed(layout)
        let description = unsafe pango_font_description_new()
        unsafe pango_font_description_set_family(description, families)
        unsafe pango_font_description_set_absolute_size(description, size * Double(PANGO_SCALE))
        unsafe pango_layout_set_font_description(layout, description)
        unsafe pango_font_description_free(description)
        unsafe pango_layout_set_single_paragraph_mode(layout, 1)
        unsafe pango_layout_set_text(layout, text, Int32(text.utf8.count))
    }

    deinit { unsafe g_object_unref(UnsafeMutableRawPointer(layout)) }

    var unknownGlyphs: Int { Int(unsafe pango_layout_get_unknown_glyphs_count(layout)) }

    var width: Double {
        var extent = PangoRectangle()
        unsafe pango_layout_get_extents(layout, nil, &extent)
        return Double(extent.width) / Double(PANGO_SCALE)
    }

    var baseline: Double { Double(unsafe pango_layout_get_baseline(layout)) / Double(PANGO_SCALE) }

    func show(_ canvas: Canvas, x: Double, y: Double) {
        unsafe cairo_move_to(canvas.context, x, y)
        unsafe pango_cairo_show_layout(canvas.context, layout)
    }

    var resolvedFamily: String? {
        let context = unsafe pango_layout_get_context(layout)
        let wanted = unsafe pango_layout_get_font_description(layout)
        guard let font = unsafe pango_context_load_font(context, wanted) else { return nil }
        defer { unsafe g_object_unref(font) }
        let description = unsafe pango_font_describe(font)
        defer { unsafe pango_font_description_free(description) }
        guard let family = unsafe pango_font_description_get_family(description) else { return nil }
        return unsafe String(cString: family)
    }
}
