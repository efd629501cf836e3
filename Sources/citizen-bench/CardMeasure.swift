import CommandLine
import Encodings
import Foundation

/// 制卡 One card personalised on a virtual reader: from the first command to the proven read-back, less the time measured
/// inside the card simulator. A stack of its own, with token and front; cards one after the other.
enum CardMeasure {
    /// A card is made within this, the card's own time left out.
    private static let limitMilliseconds = 300.0

    static func run(_ options: Options) async throws -> [Measure] {
        let count = try options.number("runs", in: 5...1000) ?? 11
        let home = NSTemporaryDirectory() + "citizen-bench-" + UUID().uuidString.prefix(8).lowercased()
        defer { try? FileManager.default.removeItem(atPath: home) }
        let script = BenchCluster.root.appendingPathComponent("Deploy/local/bench_card.py").path
        let text = try await BenchCluster.run("python3", [script, home, String(count)])
        let json = try JSONReader.read(Array(text.utf8), sizeLimit: 1 << 20)
        func figures(_ name: String) -> [Double] {
            (json["cards"]?.array ?? []).compactMap { card in
                switch card[name] {
                case .fraction(let value): value
                case .integer(let value): Double(value)
                default: nil
                }
            }
        }
        let total = figures("total_ms")
        let inside = figures("inside_ms")
        guard total.count == count, inside.count == count else {
            throw BenchCluster.Fault(description: "bench_card.py gave \(total.count) cards for \(count)")
        }
        let own = Measure.middle(zip(total, inside).map { $0 - $1 })
        return [
            Measure(
                name: "card.personalise",
                value: own.median,
                unit: "ms a card without the card's own time",
                beside: "limit",
                besideValue: limitMilliseconds,
                goal: "<= 1",
                isMet: own.median <= limitMilliseconds,
                runs: count,
                spread: own.spread
            )
        ]
    }
}
