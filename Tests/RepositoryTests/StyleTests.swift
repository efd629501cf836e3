import Foundation
import Testing

@Suite("体例 style")
struct StyleTests {
    /// 3: words that no name has.
    private static let forbidden: Set<String> = [
        "Manager", "Helper", "Util", "Utils", "Utility", "Common", "Misc", "Base", "Info", "Impl", "New", "Old",
    ]

    /// `unsafe` outside the modules that own a C library; each with its reason.
    private static let unsafe: [String: String] = [
        "Octets": "wiped memory and the lock over pthread_mutex",
        "Cryptography": "owns OpenSSL",
        "Passwords": "owns Argon2",
        "Database": "owns libpq",
        "HTTP": "owns libmicrohttpd",
        "Readers": "owns PC/SC",
        "ServiceClient": "owns curl",
        "HardwareKeys": "owns PKCS #11",
        "Drawing": "owns cairo, HarfBuzz and FreeType",
        "CardSimulator": "sockets and signals of the C library",
        "CardEngine": "lends secrets to ciphers",
        "Purses": "folds and doubles keys of 3DES",
        "KeyHierarchy": "lends secrets to ciphers",
        "Office": "lends secrets to the vault and to sign-in",
        "CommandLine": "writes to the terminal, reads a password without echo",
        "ServiceCommands": "writes to the standard streams",
    ]

    /// Clocks and randomness are handed in (11); here they are made. ContinuousClock measures waits and is no time.
    private static let compositionRoots: [String: Set<String>] = [
        "Sources/ServiceCommands/Composition.swift": ["Date()", "SystemRandom()"],
        "Sources/ServiceCommands/StaffCommand.swift": ["SystemRandom()"],
        "Sources/DeskCommands/DeskWork.swift": ["Date()"],
        "Sources/DeskCommands/RelayAgent.swift": ["SystemRandom()"],
        "Sources/DeskCommands/ServiceCall.swift": ["SystemRandom()"],
        "Sources/citizen-bench/ImportMeasure.swift": ["SystemRandom()", "Date()"],
        "Sources/citizen-bench/Measure.swift": ["Date()"],
        "Sources/card-simulator/SimulatorCall.swift": ["SystemRandom()"],
        // A request's own number and the time of its log line: not of any act.
        "Sources/HTTP/RequestID.swift": ["SystemRandomNumberGenerator"],
        "Sources/HTTP/RequestLog.swift": ["SystemRandomNumberGenerator"],
        "Sources/HTTP/HostClock.swift": ["clock_gettime"],
        // CLOCK_MONOTONIC of a timed wait.
        "Sources/Database/Monitor.swift": ["clock_gettime"],
    ]

    /// Properties and initialisers that still lack their comment: the numbers only ever fall.
    private static let owedComments = [
        "CardEngine": 89, "Cards": 1, "Certificates": 10, "CommandLine": 3, "Cryptography": 4, "Database": 3,
        "Drawing": 10, "Encodings": 16, "HardwareKeys": 9, "Identity": 27, "KeyHierarchy": 36, "Octets": 6,
        "Office": 157, "OfficeAPI": 3, "Policies": 16, "Population": 8, "Readers": 3, "ServiceCommands": 3,
    ]

    /// Three modules bear the name of their one great type, against Architecture, 11.15; no fourth may.
    private static let sharedNames: Set<String> = ["Database", "Office", "Population"]

    @Test
    func `no type bears a name that says nothing`() throws {
        let types = try declaredTypes()
        #expect(types.count > 300)
        for (name, path) in types {
            let words = Set(Self.words(of: name))
            #expect(words.isDisjoint(with: Self.forbidden), "\(path): \(name)")
            #expect(name == "Data" || words.isEmpty || Self.words(of: name).last != "Data", "\(path): \(name)")
        }
        let shared = try Repository.modules().filter { module in types.contains { $0.name == module } }
        #expect(Set(shared).isSubset(of: Self.sharedNames), "types with the name of a module: \(shared)")
    }

    @Test
    func `no file is longer than five hundred lines`() throws {
        var long: [String] = []
        for file in try Repository.files("Sources") + Repository.files("Tests") {
            let count = file.lines.count - 1
            #expect(count <= 500, "\(file.path) has \(count) lines")
            if count > 300 { long.append("\(file.path) \(count)") }
        }
        if !long.isEmpty { print("note: longer than 300 lines: \(long.joined(separator: ", "))") }
    }

    @Test
    func `what is left to do has an owner and a condition`() throws {
        let own = "Tests/RepositoryTests/"
        for file in try Repository.files("Sources") + Repository.files("Tests") where !file.path.hasPrefix(own) {
            for (number, line) in file.lines.enumerated() where line.contains("TODO") || line.contains("FIXME") {
                #expect(line.contains(/TODO\([a-z-]+\): .{10,}/), "\(file.path):\(number + 1) \(line)")
            }
        }
    }

    @Test
    func `unsafe ground is where the table says`() throws {
        var found: Set<String> = []
        for file in try Repository.files("Sources") {
            let module = String(file.path.split(separator: "/")[1])
            let isUnsafe = file.lines.contains { Self.code($0).contains(/\bunsafe\s+[A-Za-z_&(.\[]/) }
            guard isUnsafe else { continue }
            found.insert(module)
            #expect(Self.unsafe[module] != nil, "\(file.path) uses unsafe; \(module) is not in the table")
        }
        let idle = Self.unsafe.keys.filter { !found.contains($0) }.sorted()
        let built = try Repository.modules()
        #expect(idle.allSatisfy { !built.contains($0) }, "no unsafe any more in \(idle)")
    }

    @Test
    func `every unchecked promise says why it holds`() throws {
        for file in try Repository.files("Sources") {
            let lines = file.lines
            for (index, line) in lines.enumerated() where Self.code(line).contains("@unchecked Sendable") {
                let near = lines[max(index - 6, 0)...min(index + 8, lines.count - 1)]
                #expect(near.contains { $0.contains("//") }, "\(file.path):\(index + 1)")
            }
        }
    }

    @Test
    func `clocks and randomness come from the composition roots`() throws {
        let sources = ["Date()", "clock_gettime", "SystemRandomNumberGenerator", "SystemRandom()"]
        for file in try Repository.files("Sources") {
            for (number, line) in file.lines.enumerated() {
                for source in sources where Self.code(line).contains(source) {
                    let isNamed = Self.compositionRoots[file.path]?.contains(source) ?? false
                    #expect(isNamed, "\(file.path):\(number + 1) makes \(source)")
                }
            }
        }
    }

    @Test
    func `nothing is forced`() throws {
        for file in try Repository.files("Sources") {
            for (number, line) in file.lines.enumerated() {
                #expect(!Self.code(line).contains(/\b(try|as)!/), "\(file.path):\(number + 1)")
            }
        }
    }

    @Test
    func `every declaration of a module says what it is for`() throws {
        let files = try Repository.files("Sources")
        let undocumented = Undocumented(files)
        let found = files.flatMap { undocumented.declarations(in: $0) }
        let plain = found.filter { !$0.isMember }.map(\.place)
        #expect(plain.isEmpty, "types and functions without a doc comment: \(plain)")
        let members = Dictionary(grouping: found.filter(\.isMember), by: \.module)
        for (module, places) in members {
            let owed = Self.owedComments[module] ?? 0
            #expect(places.count <= owed, "\(module): \(places.count) members without a doc comment, \(owed) are owed")
        }
    }

    /// A line without its comment and without the inside of plain string literals.
    static func code(_ line: Substring) -> String {
        var text = String(line)
        if let comment = text.firstRange(of: "//") { text = String(text[..<comment.lowerBound]) }
        return text.replacing(/"(?:[^"\\]|\\.)*"/, with: "\"\"")
    }

    private func declaredTypes() throws -> [(name: String, path: String)] {
        try (Repository.files("Sources") + Repository.files("Tests")).flatMap { file in
            file.text.matches(
                of: /(?m)^\s*(?:[@a-z()]+ )*(?:struct|class|enum|protocol|actor|typealias) ([A-Z][A-Za-z0-9]*)/
            )
            .map { (name: String($0.output.1), path: file.path) }
        }
    }

    /// `BlankKeyInfo` as Blank, Key, Info.
    private static func words(of name: String) -> [String] {
        name.matches(of: /[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/).map { String($0.output) }
    }
}
