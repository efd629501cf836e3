import Foundation

/// 会话 A text session: commands as typed, the output they must have, the code they end with.
///
/// `# ` begins a line of explanation and `$ ` a command, which goes on in lines that begin with `> `. What follows up to
/// an empty line is its output: `…` stands for any text in a line, and alone for any number of lines. `[exit N]` closes
/// the output of a command that does not end with 0.
struct Session {
    /// One command with what it must do.
    struct Step {
        let line: Int
        var command: String
        var expected: [String] = []
        var exit = 0
    }

    let title: String
    private(set) var steps: [Step] = []

    init(_ text: String) {
        let lines = text.components(separatedBy: "\n")
        title = lines.first.map { String($0.dropFirst(2)) } ?? ""
        var isOutput = false
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("$ ") {
                steps.append(Step(line: index + 1, command: String(line.dropFirst(2))))
                isOutput = true
            } else if isOutput, line.hasPrefix("> "), steps[steps.count - 1].expected.isEmpty {
                steps[steps.count - 1].command += "\n" + line.dropFirst(2)
            } else if isOutput, line.hasPrefix("[exit "), let code = Int(line.dropFirst(6).dropLast()) {
                steps[steps.count - 1].exit = code
            } else if line.isEmpty || line.hasPrefix("# ") {
                isOutput = false
            } else if isOutput {
                steps[steps.count - 1].expected.append(line)
            }
        }
    }

    /// Whether the lines are those expected.
    static func fits(_ lines: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return lines.isEmpty }
        if first == "…" {
            return (0...lines.count).contains { fits(lines.dropFirst($0), expected.dropFirst()) }
        }
        guard let line = lines.first, fits(line, first) else { return false }
        return fits(lines.dropFirst(), expected.dropFirst())
    }

    /// Whether one line is the one expected.
    private static func fits(_ line: String, _ expected: String) -> Bool {
        let parts = expected.components(separatedBy: "…")
        guard parts.count > 1 else { return line == expected }
        guard line.hasPrefix(parts[0]) else { return false }
        var rest = line.dropFirst(parts[0].count)
        for part in parts.dropFirst().dropLast() {
            guard part.isEmpty == false else { continue }
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(parts[parts.count - 1])
    }
}
