import Encodings
import Foundation
import Octets

/// 测量结果 One figure with its neighbour: the medians of runs taken alternately.
struct Measure: Sendable {
    let name: String
    let value: Double
    let unit: String
    let beside: String
    let besideValue: Double
    /// What is asked of `ratio`, or of `value` where the neighbour is a bound in the same unit.
    let goal: String
    let isMet: Bool
    let runs: Int
    /// Highest minus lowest, as a share of the median.
    let spread: Double

    var ratio: Double { besideValue == 0 ? 0 : value / besideValue }

    /// The middle of some values, and their spread as a share of it.
    static func middle(_ values: [Double]) -> (median: Double, spread: Double) {
        let sorted = values.sorted()
        guard let low = sorted.first, let high = sorted.last else { return (0, 0) }
        let half = sorted.count / 2
        let median = sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
        return (median, median == 0 ? 0 : (high - low) / median)
    }

    /// One JSON object for programs.
    static func json(_ results: [Measure]) -> String {
        let machine: JSON = [
            "cores": .integer(Int64(ProcessInfo.processInfo.activeProcessorCount)), "cpu": .string(Machine.cpu),
            "kernel": .string(Machine.kernel),
        ]
        let date = CivilTime(seconds: Int64(Date().timeIntervalSince1970)).iso8601
        return JSON.object([
            .init("machine", machine), .init("date", .string(date)), .init("results", .array(results.map(\.json))),
        ]).text
    }

    /// A table for people.
    static func table(_ results: [Measure]) -> String {
        results.map { one in
            let met = one.isMet ? "met" : "missed"
            return "\(one.name): \(rounded(one.value)) \(one.unit); \(one.beside): \(rounded(one.besideValue)); "
                + "ratio \(rounded(one.ratio)) (goal \(one.goal): \(met)); \(one.runs) runs, spread \(rounded(one.spread))"
        }.joined(separator: "\n")
    }

    private var json: JSON {
        [
            "name": .string(name), "value": .fraction(Self.rounded(value)), "unit": .string(unit),
            "beside": .string(beside), "beside_value": .fraction(Self.rounded(besideValue)),
            "ratio": .fraction(Self.rounded(ratio)), "goal": .string(goal), "met": .bool(isMet),
            "runs": .integer(Int64(runs)), "spread": .fraction(Self.rounded(spread)),
        ]
    }

    /// Three places are more than a run repeats.
    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

/// What the figures were taken on.
enum Machine {
    static var cpu: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    static var kernel: String {
        let text = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Octets of this process in memory now.
    static var residentOctets: Int {
        let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (text?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
