import Octets

/// 故障注入 Faults that a virtual card plays, each at the N-th command after the plan was set.
package struct FaultPlan: Hashable, Sendable {
    /// One fault of a specification.
    enum Fault: Hashable, Sendable {
        /// The connection drops before the card processes the command.
        case cutBefore(Int)
        /// The card has committed, and the connection drops before the answer leaves.
        case cutAfter(Int)
        /// The card never answers; the command is not processed.
        case hang(Int)
        /// One octet instead of an answer, after the commit.
        case shortAnswer(Int)
        /// Another answer instead of the card's, which does not see the command.
        case forge(Int, [UInt8])
        /// The card of another state file takes the place silently, before the command.
        case swap(Int, String)
        /// Each answer comes late by so many milliseconds.
        case slow(Int)

        /// The index of the command it waits for; nil for every command.
        var index: Int? {
            switch self {
            case .cutBefore(let index), .cutAfter(let index), .hang(let index), .shortAnswer(let index): index
            case .forge(let index, _), .swap(let index, _): index
            case .slow: nil
            }
        }
    }

    /// A specification that is none; holds the part that was not understood.
    package struct Malformed: Error, Hashable, Sendable {
        /// The part that was not understood.
        package let part: String
    }

    /// The lines that `--help` prints.
    package static let grammar = """
        SPEC = none | FAULT[,FAULT...]; N counts commands from 1, from the moment the plan is set
          cut-before:N        connection dropped before command N is processed
          cut-after:N         command N processed and committed, connection dropped before the answer
          hang:N              command N is never answered nor processed
          short-answer:N      command N is answered with one octet, after its commit
          forge:N:HEX         command N is answered with HEX (SW included) and not processed
          swap:N:FILE         before command N the card of state file FILE takes the place, without a removal
          slow:MS             every answer is late by MS milliseconds
        """

    private let faults: [Fault]
    private var count = 0

    /// A plan without faults.
    package init() { faults = [] }

    /// Reads a specification.
    package init(_ text: some StringProtocol) throws(Malformed) {
        var faults: [Fault] = []
        if text != "none" {
            for part in String(text).split(separator: ",", omittingEmptySubsequences: false) {
                guard let fault = Self.fault(part.split(separator: ":", maxSplits: 2).map(String.init)) else {
                    throw Malformed(part: String(part))
                }
                faults.append(fault)
            }
        }
        self.faults = faults
    }

    /// Counts a command and says which faults it meets.
    mutating func met() -> [Fault] {
        count += 1
        return faults.filter { $0.index == nil || $0.index == count }
    }

    private static func fault(_ words: [String]) -> Fault? {
        guard words.count >= 2, words[1].allSatisfy(\.isNumber), let number = Int(words[1]) else { return nil }
        guard number >= 1, number <= 1_000_000_000 else { return nil }
        switch (words[0], words.count) {
        case ("cut-before", 2): return .cutBefore(number)
        case ("cut-after", 2): return .cutAfter(number)
        case ("hang", 2): return .hang(number)
        case ("short-answer", 2): return .shortAnswer(number)
        case ("slow", 2): return .slow(number)
        case ("swap", 3): return .swap(number, words[2])
        case ("forge", 3): return (try? Hex.decode(words[2])).map { .forge(number, $0) }
        default: return nil
        }
    }
}
