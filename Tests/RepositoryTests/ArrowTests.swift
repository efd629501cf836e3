import Testing

/// The picture of Docs/Architecture.md as a table: what each module may import. Any other arrow is a fault.
@Suite("模块箭头 imports")
struct ArrowTests {
    /// Modules of the toolchain; each row names those it uses.
    private static let allowed: [String: Set<String>] = [
        "Octets": ["CSystem", "Dispatch", "Glibc"],
        "Cryptography": ["COpenSSL", "Octets"],
        "Passwords": ["CArgon2", "Octets"],
        "Encodings": ["Octets"],
        "Tokens": ["Cryptography", "Encodings", "Octets"],
        "Certificates": ["Cryptography", "Encodings", "Octets"],
        "KeyHierarchy": ["Cryptography", "Encodings", "FoundationEssentials", "Octets"],
        "HardwareKeys": [
            "CPKCS11", "Cryptography", "Encodings", "FoundationEssentials", "Glibc", "KeyHierarchy", "Octets",
        ],
        "Evidence": ["Cryptography", "Encodings", "Octets"],
        "Cards": ["Octets"],
        "Identity": ["Foundation", "Octets"],
        "Policies": ["Encodings"],
        "Purses": ["Cryptography", "Octets"],
        "CardEngine": ["Cryptography", "Encodings", "Octets", "Purses"],
        "CardSimulator": ["CSystem", "Cryptography", "Encodings", "Foundation", "Glibc", "Octets"],
        "Database": ["CPostgres", "FoundationEssentials", "Glibc", "Octets"],
        "HTTP": ["CMicroHTTPD", "Glibc", "Octets"],
        "Readers": ["CPCSC", "CardEngine", "Dispatch", "Glibc", "Octets"],
        "ServiceClient": ["CCurl", "Glibc", "Octets"],
        "Drawing": ["CCairo", "CPicture", "FoundationEssentials", "Glibc", "Octets"],
        "Population": [],
        "CommandLine": ["Glibc"],
        "Office": [
            "CardEngine", "Cards", "Certificates", "Cryptography", "Database", "Encodings", "Evidence", "Foundation",
            "Glibc", "Identity", "KeyHierarchy", "Octets", "Passwords", "Policies", "Purses", "Tokens",
        ],
        "OfficeAPI": [
            "CardEngine", "Cryptography", "Database", "Encodings", "Evidence", "HTTP", "Identity", "Octets", "Office",
            "Purses",
        ],
        "OfficeWeb": [
            "CardEngine", "Cards", "Cryptography", "Database", "Encodings", "HTTP", "Identity", "Octets", "Office",
            "OfficeAPI", "Policies",
        ],
        "ServiceCommands": [
            "Certificates", "CommandLine", "Cryptography", "Database", "Dispatch", "Drawing", "Encodings", "Evidence",
            "Foundation",
            "FoundationEssentials", "Glibc", "HTTP", "HardwareKeys", "KeyHierarchy", "Octets", "Office", "OfficeAPI",
            "OfficeWeb", "Passwords", "Policies", "Population",
        ],
        "DeskCommands": [
            "CardEngine", "CommandLine", "Cryptography", "Encodings", "FoundationEssentials", "Octets", "Purses",
            "Readers", "ServiceClient", "Tokens",
        ],
        "ResidentCommands": [
            "CommandLine", "Cryptography", "Encodings", "Evidence", "Foundation", "FoundationEssentials", "Glibc",
            "Octets",
        ],
        "citizen": ["CommandLine", "Foundation", "ResidentCommands"],
        "citizend": ["CommandLine", "Foundation", "ServiceCommands"],
        "citizen-desk": ["CommandLine", "DeskCommands", "Foundation"],
        "citizen-bench": [
            "CommandLine", "Cryptography", "Database", "Encodings", "Foundation", "KeyHierarchy", "Octets", "Office",
            "Policies", "Population",
        ],
        "card-simulator": ["CardSimulator", "CommandLine", "Cryptography", "Foundation", "Octets"],
    ]

    /// 一库一主 The one importer of each C library.
    private static let owners: [String: Set<String>] = [
        "COpenSSL": ["Cryptography"], "CArgon2": ["Passwords"], "CPKCS11": ["HardwareKeys"], "CPostgres": ["Database"],
        "CMicroHTTPD": ["HTTP"], "CPCSC": ["Readers"], "CCurl": ["ServiceClient"],
        "CCairo": ["Drawing"], "CPicture": ["Drawing"],
        // Headers of the C library itself that the Glibc module lacks: no library to own.
        "CSystem": ["Octets", "CardSimulator"],
    ]

    /// What stays in the server room (Architecture, 5: a desk holds no card key and no rule).
    private static let serverOnly: Set<String> = [
        "CPostgres", "CPKCS11", "CMicroHTTPD", "CArgon2", "CCairo", "Database", "Drawing", "HardwareKeys",
        "KeyHierarchy", "HTTP", "Office",
        "OfficeAPI", "OfficeWeb", "Policies", "Passwords",
    ]

    @Test
    func `every module imports what the table allows and no more`() throws {
        let found = try imports()
        #expect(found.count >= 20)
        for (module, imports) in found {
            let allowed = try #require(Self.allowed[module], "\(module) has no row in the table")
            let more = imports.subtracting(allowed).sorted()
            #expect(more.isEmpty, "\(module) imports \(more)")
        }
    }

    @Test
    func `the arrows have no circle`() throws {
        let found = try imports()
        for module in found.keys {
            #expect(!reach(of: module, found).contains(module), "\(module) reaches itself")
        }
    }

    @Test
    func `each C library has one importer`() throws {
        let found = try imports()
        let libraries = try Repository.modules().filter { $0.hasPrefix("C") && Self.isLibrary($0) }
        #expect(libraries.count >= 9)
        for library in libraries {
            let importers = Set(found.filter { $0.value.contains(library) }.keys)
            let owners = try #require(Self.owners[library], "\(library) has no owner in the table")
            #expect(importers.isSubset(of: owners), "\(library) is imported by \(importers.sorted())")
            #expect(!importers.isEmpty, "\(library) is imported by nobody")
        }
    }

    @Test
    func `a desk's program links nothing of the server room, and no program the simulator`() throws {
        let found = try imports()
        let desk = reach(of: "citizen-desk", found).intersection(Self.serverOnly).sorted()
        #expect(desk.isEmpty, "citizen-desk links \(desk)")
        for program in ["citizend", "citizen-desk"] {
            #expect(!reach(of: program, found).contains("CardSimulator"), "\(program) links the card simulator")
        }
        #expect(!reach(of: "citizend", found).contains("CPCSC"), "citizend links PC/SC")
    }

    @Test
    func `Package.swift gives a module what it imports, and programs no module of their own`() throws {
        let package = try Repository.file("Package.swift").text
        for (module, imports) in try imports() where !module.contains("-") && !["citizend", "citizen"].contains(module)
        {
            let start = try #require(package.firstRange(of: try Regex("module\\(\\s*\"\(module)\"")), "\(module)")
            let rest = package[start.lowerBound...]
            let end = rest.firstRange(of: try Regex("\\n        (module|\\.|//|library)"))?.lowerBound ?? rest.endIndex
            let named = Set(rest[..<end].matches(of: /"([A-Za-z0-9-]+)"/).map { String($0.output.1) })
            let own = imports.subtracting(["Foundation", "FoundationEssentials", "Glibc", "Dispatch"])
            #expect(own.subtracting(named).isEmpty, "\(module) imports \(own.subtracting(named)) without a dependency")
            let idle = named.subtracting(own).subtracting([module, "Schema", "Assets", "OpenAPI"])
            #expect(idle.isEmpty, "\(module) depends on \(idle) and imports none of it")
        }
    }

    /// Module by module, what its files import.
    private func imports() throws -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        for file in try Repository.files("Sources") {
            let module = String(file.path.split(separator: "/")[1])
            let names = file.text.matches(
                of:
                    /(?m)^(?:@[a-z]+ )*(?:package |internal |private |fileprivate |public )?import (?:struct |func |enum |class |protocol )?([A-Za-z0-9_]+)/
            )
            found[module, default: []].formUnion(names.map { String($0.output.1) })
        }
        return found
    }

    private func reach(of module: String, _ found: [String: Set<String>]) -> Set<String> {
        var reached: Set<String> = []
        var waiting = Array(found[module] ?? [])
        while let next = waiting.popLast() {
            guard reached.insert(next).inserted else { continue }
            waiting += found[next] ?? []
        }
        return reached
    }

    private static func isLibrary(_ module: String) -> Bool {
        module.dropFirst().first?.isUppercase == true
    }
}
