/// 命令行 The options and arguments of one call, parsed strictly against what was declared.
///
/// Forms: `--name`, `--name VALUE`, `--name=VALUE`, `--` ends the options, `-` alone is an argument.
package struct Options: Hashable, Sendable {
    /// What a command line asks for.
    package enum Parsed: Hashable, Sendable {
        case help
        case call(Options)
    }

    private var flags: Set<String> = []
    private var values: [String: [String]] = [:]
    /// The positional arguments.
    package private(set) var arguments: [String] = []

    private init() {}

    /// Reads the words after the program's name; `--help` anywhere before `--` wins.
    package static func parse(_ words: some Sequence<String>, _ usage: Usage) throws(UsageFault) -> Parsed {
        var options = Options()
        var rest = ArraySlice(Array(words))
        while let word = rest.popFirst() {
            if word == "--" {
                options.arguments += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                options.arguments.append(word)
                continue
            }
            if word == "--help" { return .help }
            try options.take(word, &rest, usage)
        }
        if let missing = usage.arguments.dropFirst(options.arguments.count).first { throw .missingArgument(missing) }
        if !usage.takesMore, let surplus = options.arguments.dropFirst(usage.arguments.count).first {
            throw .surplusArgument(surplus)
        }
        return .call(options)
    }

    /// Whether a flag was given.
    package func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// The value of an option; nil when it was not given.
    package subscript(name: String) -> String? { values[name]?.first }

    /// All values of an option that may be repeated.
    package func all(_ name: String) -> [String] { values[name] ?? [] }

    /// The value of an option that must be there.
    package func required(_ name: String) throws(UsageFault) -> String {
        guard let value = self[name] else { throw .missingOption(name) }
        return value
    }

    /// A decimal number within bounds; nil when the option was not given.
    package func number(_ name: String, in range: ClosedRange<Int>) throws(UsageFault) -> Int? {
        guard let value = self[name] else { return nil }
        guard value.allSatisfy(\.isNumber), let number = Int(value), range.contains(number) else {
            throw .badValue(option: name, value: value, demanded: "\(range.lowerBound)...\(range.upperBound)")
        }
        return number
    }

    private mutating func take(
        _ word: String,
        _ rest: inout ArraySlice<String>,
        _ usage: Usage
    ) throws(UsageFault) {
        let parts = word.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        guard word.hasPrefix("--"), let option = usage.options.first(where: { $0.name == name }) else {
            throw .unknownOption(name)
        }
        let inline = parts.count == 2 ? String(parts[1]) : nil
        switch option.form {
        case .flag:
            guard inline == nil else { throw .surplusValue(option: name) }
            guard flags.insert(name).inserted else { throw .repeated(option: name) }
        case .value, .values:
            guard let value = inline ?? rest.popFirst(), !value.isEmpty else { throw .missingValue(option: name) }
            if case .value = option.form, values[name] != nil { throw .repeated(option: name) }
            values[name, default: []].append(value)
        }
    }
}
