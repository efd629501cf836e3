/// 城市标志 A round emblem of plain geometry: towers over a bridge over two waves.
enum CityEmblem {
    /// Draws the emblem in one colour on the ground that shows through it.
    static func draw(on canvas: Canvas, x: Double, y: Double, radius: Double, _ colour: Colour) {
        canvas.stroke(colour, width: radius * 0.09) { $0.circle(x, y, radius: radius * 0.94) }
        canvas.clipped({ $0.circle(x, y, radius: radius * 0.8) }) {
            for tower in towers {
                canvas.fill(colour) { path in
                    path.rectangle(
                        x + tower.left * radius,
                        y - tower.top * radius,
                        tower.width * radius,
                        (tower.top + 0.2) * radius
                    )
                }
            }
            canvas.fill(colour) { path in
                path.move(x - 0.06 * radius, y - 0.58 * radius)
                path.line(x, y - 0.78 * radius)
                path.line(x + 0.06 * radius, y - 0.58 * radius)
                path.close()
            }
            for row in [0.36, 0.6] { wave(canvas, x, y + row * radius, radius, colour) }
        }
    }

    private struct Tower {
        let left: Double
        let width: Double
        let top: Double
    }

    private static let towers = [
        Tower(left: -0.62, width: 0.2, top: 0.1), Tower(left: -0.36, width: 0.22, top: 0.36),
        Tower(left: -0.08, width: 0.16, top: 0.6), Tower(left: 0.14, width: 0.22, top: 0.26),
        Tower(left: 0.42, width: 0.2, top: 0.02),
    ]

    private static func wave(_ canvas: Canvas, _ x: Double, _ y: Double, _ radius: Double, _ colour: Colour) {
        canvas.stroke(colour, width: radius * 0.1) { path in
            path.move(x - 0.9 * radius, y)
            for part in 0..<3 {
                let start = x + (-0.9 + 0.6 * Double(part)) * radius
                path.curve(
                    start + 0.2 * radius,
                    y - 0.16 * radius,
                    start + 0.4 * radius,
                    y + 0.16 * radius,
                    start + 0.6 * radius,
                    y
                )
            }
        }
    }
}
