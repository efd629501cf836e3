/// 文档注释 Declarations that other modules see and that have no doc comment (31).
struct Undocumented {
    /// One of them.
    struct Declaration: Hashable {
        let module: String
        let place: String
        let isMember: Bool
    }

    /// What carries the words of the requirement that it meets: names in our protocols, and the language's own.
    private let requirements: Set<String>
    private static let own: Set<String> = [
        "<", "==", "hash", "appendLiteral", "appendInterpolation", "description", "text", "startIndex", "endIndex",
        "index",
    ]

    init(_ files: [Repository.File]) {
        requirements = files.reduce(into: Self.own) { names, file in
            for body in Self.protocols(in: file) {
                for match in body.matches(of: /\b(?:func|var) ([A-Za-z0-9_]+)/) { names.insert(String(match.output.1)) }
            }
        }
    }

    /// Those of a file.
    func declarations(in file: Repository.File) -> [Declaration] {
        let lines = file.lines
        let module = String(file.path.split(separator: "/")[1])
        var found: [Declaration] = []
        for (index, line) in lines.enumerated() {
            let code = String(StyleTests.code(line).drop { $0 == " " })
            guard code.contains(/^(?:@[a-z]+ )*package\b/), !code.hasPrefix("package import") else { continue }
            var above = index - 1
            while above >= 0, Self.trimmed(lines[above]).hasPrefix("@") { above -= 1 }
            guard above < 0 || !Self.trimmed(lines[above]).hasPrefix("///") else { continue }
            if let name = code.firstMatch(of: /\b(?:func|var) ([A-Za-z0-9_]+|[<=]+)/)?.output.1 {
                guard !requirements.contains(String(name)) else { continue }
            }
            let isMember = code.contains(/\b(let|var|init|case)\b/)
            found.append(Declaration(module: module, place: "\(file.path):\(index + 1)", isMember: isMember))
        }
        return found
    }

    private static func trimmed(_ line: Substring) -> Substring { line.drop { $0 == " " } }

    private static func protocols(in file: Repository.File) -> [Substring] {
        file.text.matches(of: /(?m)^(?:package )?protocol [A-Za-z]+[^{]*\{/).map { match in
            let rest = file.text[match.range.upperBound...]
            return rest[..<(rest.firstRange(of: "\n}")?.lowerBound ?? rest.endIndex)]
        }
    }
}
