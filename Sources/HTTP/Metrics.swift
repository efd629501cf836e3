import Octets

/// Figures of the running service in the text form of Prometheus (0.0.4).
///
/// A value that is handed to whoever counts; copies share the figures. Labels are names of things (routes, statuses),
/// never of persons.
package struct Metrics: Sendable {
    private struct Family {
        let kind: String
        let help: String
        let labels: [String]
        var series: [[String]: Series] = [:]
    }

    private struct Series {
        var value = 0.0
        var buckets: [UInt64] = []
        var count: UInt64 = 0
    }

    private let families = Lock<[String: Family]>([:])

    /// Upper bounds of latency buckets in seconds.
    private static let bounds: [Double] = [
        0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]

    /// No figures yet.
    package init() {}

    /// A number that only grows; its name ends in `_total`.
    package func counter(_ name: String, help: String, labels: [String] = []) -> Counter {
        declare(name, "counter", help, labels)
        return Counter(metrics: self, name: name)
    }

    /// A number that goes up and down.
    package func gauge(_ name: String, help: String, labels: [String] = []) -> Gauge {
        declare(name, "gauge", help, labels)
        return Gauge(metrics: self, name: name)
    }

    /// A spread of durations in seconds; its name ends in `_seconds`.
    package func histogram(_ name: String, help: String, labels: [String] = []) -> Histogram {
        declare(name, "histogram", help, labels)
        return Histogram(metrics: self, name: name)
    }

    /// All figures, families and series in the order of their names.
    package var text: String {
        families.with { families in
            families.sorted { $0.key < $1.key }.map { Self.text($0.key, $0.value) }.joined()
        }
    }

    private func declare(_ name: String, _ kind: String, _ help: String, _ labels: [String]) {
        families.with { families in
            if families[name] == nil { families[name] = Family(kind: kind, help: help, labels: labels) }
        }
    }

    fileprivate func add(_ name: String, _ labels: [String], _ amount: Double) {
        families.with { $0[name]?.series[labels, default: Series()].value += amount }
    }

    fileprivate func set(_ name: String, _ labels: [String], _ value: Double) {
        families.with { $0[name]?.series[labels, default: Series()].value = value }
    }

    fileprivate func observe(_ name: String, _ labels: [String], _ seconds: Double) {
        families.with { families in
            var series = families[name]?.series[labels] ?? Series()
            if series.buckets.isEmpty { series.buckets = Array(repeating: 0, count: Self.bounds.count) }
            for index in Self.bounds.indices where seconds <= Self.bounds[index] { series.buckets[index] += 1 }
            series.count += 1
            series.value += seconds
            families[name]?.series[labels] = series
        }
    }

    private static func text(_ name: String, _ family: Family) -> String {
        var out = "# HELP \(name) \(escaped(family.help))\n# TYPE \(name) \(family.kind)\n"
        for (labels, series) in family.series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let pairs = zip(family.labels, labels).map { "\($0.0)=\"\(escaped($0.1))\"" }
            guard family.kind == "histogram" else {
                out += "\(name)\(braced(pairs)) \(number(series.value))\n"
                continue
            }
            for (bound, count) in zip(bounds, series.buckets) {
                out += "\(name)_bucket\(braced(pairs + ["le=\"\(number(bound))\""])) \(count)\n"
            }
            out += "\(name)_bucket\(braced(pairs + ["le=\"+Inf\""])) \(series.count)\n"
            out += "\(name)_sum\(braced(pairs)) \(series.value)\n\(name)_count\(braced(pairs)) \(series.count)\n"
        }
        return out
    }

    private static func braced(_ pairs: [String]) -> String {
        pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    /// A number that only grows.
    package struct Counter: Sendable {
        fileprivate let metrics: Metrics
        fileprivate let name: String

        /// Adds; labels in the order declared.
        package func increment(_ labels: [String] = [], by amount: Int = 1) {
            metrics.add(name, labels, Double(amount))
        }
    }

    /// A number that goes up and down.
    package struct Gauge: Sendable {
        fileprivate let metrics: Metrics
        fileprivate let name: String

        /// Adds or takes away.
        package func add(_ amount: Int, _ labels: [String] = []) { metrics.add(name, labels, Double(amount)) }

        /// Sets.
        package func set(_ value: Double, _ labels: [String] = []) { metrics.set(name, labels, value) }
    }

    /// A spread of durations.
    package struct Histogram: Sendable {
        fileprivate let metrics: Metrics
        fileprivate let name: String

        /// Takes one duration in.
        package func observe(_ duration: Duration, _ labels: [String] = []) {
            metrics.observe(name, labels, duration / .seconds(1))
        }
    }
}
