// swift-tools-version: 6.3
import PackageDescription

/// One line a C library: only the module named in `Docs/Architecture.md` may import it.
func library(_ name: String, pkgConfig: String?, package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// A Swift module and the arrows that leave it.
func module(_ name: String, _ dependencies: Target.Dependency..., resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources)
}

func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"])
}

let package = Package(
    name: "citizen-card",
    products: [],
    targets: [
        // C libraries
        library("COpenSSL", pkgConfig: "libcrypto", package: "libssl-dev"),
        library("CArgon2", pkgConfig: "libargon2", package: "libargon2-dev"),
        library("CPKCS11", pkgConfig: nil, package: "libp11-kit-dev"),
        library("CPostgres", pkgConfig: "libpq", package: "libpq-dev"),
        library("CPCSC", pkgConfig: "libpcsclite", package: "libpcsclite-dev"),
        library("CMicroHTTPD", pkgConfig: "libmicrohttpd", package: "libmicrohttpd-dev"),
        library("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        library("CCairo", pkgConfig: "pangocairo", package: "libpango1.0-dev"),
        library("CSystem", pkgConfig: nil, package: "libc6-dev"),
        // libjpeg reports faults by longjmp, so its one caller is a C file (libjpeg62-turbo-dev).
        .target(
            name: "CPicture",
            cSettings: [.enableWarning("all"), .treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("jpeg")]
        ),

        // pure modules
        module("Octets", "CSystem"),
        module("Cryptography", "COpenSSL", "Octets"),
        module("Passwords", "CArgon2", "Octets"),
        module("Encodings", "Octets"),
        module("Tokens", "Octets", "Cryptography", "Encodings"),
        module("Certificates", "Octets", "Cryptography", "Encodings"),
        module("KeyHierarchy", "Octets", "Cryptography", "Encodings"),
        module("Evidence", "Octets", "Cryptography", "Encodings"),
        module("Cards"),
        module("Identity", "Octets"),
        module("Population"),
        module("Policies", "Encodings"),
        module("Purses", "Octets", "Cryptography"),
        module("CardEngine", "Octets", "Cryptography", "Encodings", "Purses"),

        // edges
        module("Database", "CPostgres", "Octets"),
        module("HTTP", "CMicroHTTPD", "Octets"),
        module(
            "Office",
            "Octets",
            "Cryptography",
            "Encodings",
            "Tokens",
            "Certificates",
            "KeyHierarchy",
            "Evidence",
            "CardEngine",
            "Cards",
            "Purses",
            "Identity",
            "Policies",
            "Passwords",
            "Database",
            resources: [.embedInCode("Schema")]
        ),
        module(
            "OfficeAPI",
            "Identity",
            "Octets",
            "Cryptography",
            "Encodings",
            "CardEngine",
            "Database",
            "Evidence",
            "HTTP",
            "Office",
            "Purses",
            resources: [.embedInCode("OpenAPI")]
        ),
        module(
            "OfficeWeb",
            "Cards",
            "CardEngine",
            "Cryptography",
            "Database",
            "Encodings",
            "HTTP",
            "Identity",
            "Octets",
            "Office",
            "OfficeAPI",
            "Policies",
            resources: [.embedInCode("Assets")]
        ),
        module(
            "ServiceCommands",
            "Octets",
            "Cryptography",
            "Encodings",
            "Certificates",
            "HardwareKeys",
            "Drawing",
            "Population",
            "KeyHierarchy",
            "Evidence",
            "Policies",
            "Passwords",
            "Database",
            "HTTP",
            "CommandLine",
            "Office",
            "OfficeAPI",
            "OfficeWeb"
        ),
        module("HardwareKeys", "CPKCS11", "Octets", "Cryptography", "Encodings", "KeyHierarchy"),
        module("Drawing", "CCairo", "CPicture", "Octets"),
        module("Readers", "CPCSC", "Octets", "CardEngine"),
        module("ServiceClient", "CCurl", "Octets"),
        module("CardSimulator", "CSystem", "Octets", "Cryptography", "Encodings"),
        module("CommandLine"),

        module(
            "DeskCommands",
            "Octets",
            "Cryptography",
            "Encodings",
            "Tokens",
            "CardEngine",
            "Purses",
            "Readers",
            "ServiceClient",
            "CommandLine"
        ),

        module("ResidentCommands", "Octets", "Encodings", "Evidence", "CommandLine"),

        // programs
        .executableTarget(name: "citizen", dependencies: ["ResidentCommands", "CommandLine"]),
        .executableTarget(name: "citizen-desk", dependencies: ["DeskCommands", "CommandLine"]),
        .executableTarget(name: "citizend", dependencies: ["ServiceCommands", "CommandLine"]),
        .executableTarget(
            name: "card-simulator",
            dependencies: ["CardSimulator", "CommandLine", "Octets", "Cryptography"]
        ),
        .executableTarget(
            name: "citizen-bench",
            dependencies: [
                "Office", "CommandLine", "Cryptography", "Database", "Encodings", "KeyHierarchy", "Octets", "Policies",
                "Population",
            ]
        ),

        // tests
        .target(name: "TestSupport", dependencies: ["Octets", "Database"], path: "Tests/TestSupport"),
        tests("OctetsTests", "Octets"),
        tests("CryptographyTests", "Cryptography", "Octets", "Encodings"),
        tests("EncodingsTests", "Encodings", "Octets"),
        tests("TokensTests", "Tokens", "Cryptography", "Encodings", "Octets"),
        tests("CertificatesTests", "Certificates", "Cryptography", "Octets"),
        tests("KeyHierarchyTests", "KeyHierarchy", "Cryptography", "Encodings", "Octets"),
        tests("HardwareKeysTests", "HardwareKeys", "CPKCS11", "KeyHierarchy", "Cryptography", "Encodings", "Octets"),
        tests("DrawingTests", "Drawing", "Octets"),
        tests("EvidenceTests", "Evidence", "Cryptography", "Encodings", "Octets"),
        tests("CardsTests", "Cards"),
        tests("PursesTests", "Purses", "Cryptography", "Octets"),
        tests("IdentityTests", "Identity", "Population"),
        tests(
            "CardEngineTests",
            "CardEngine",
            "CardSimulator",
            "Purses",
            "Certificates",
            "Octets",
            "Cryptography",
            "Encodings"
        ),
        tests("CardSimulatorTests", "CardSimulator", "CommandLine", "Octets", "Cryptography", "Encodings"),
        tests("DatabaseTests", "Database", "Octets"),
        tests(
            "OfficeTests",
            "Office",
            "CardEngine",
            "CardSimulator",
            "Passwords",
            "Tokens",
            "ServiceCommands",
            "Certificates",
            "CommandLine",
            "Identity",
            "Population",
            "Cards",
            "Cryptography",
            "Database",
            "Encodings",
            "Evidence",
            "KeyHierarchy",
            "Octets",
            "Policies",
            "Purses"
        ),
        tests("ResidentCommandsTests", "ResidentCommands", "CommandLine"),
        tests("HTTPTests", "HTTP", "Octets"),
        tests(
            "OfficeWebTests",
            "OfficeWeb",
            "OfficeAPI",
            "Office",
            "HTTP",
            "Cards",
            "Cryptography",
            "Database",
            "Encodings",
            "Identity",
            "KeyHierarchy",
            "Octets",
            "Passwords",
            "Policies"
        ),
        tests("RepositoryTests", "Encodings", "Policies"),
        tests("ScenarioTests"),
        tests("ServiceClientTests", "ServiceClient", "HTTP", "Octets"),
    ]
)

// One libFuzzer program a parser, only when asked for: a plain build links none.
let fuzzers: [String: [Target.Dependency]] = [
    "FuzzJSON": ["Encodings"],
    "FuzzTLV": ["Encodings"],
    "FuzzRelay": ["CardEngine", "Encodings"],
    "FuzzKeyBlock": ["KeyHierarchy", "Encodings"],
    "FuzzToken": ["Tokens", "Cryptography"],
    "FuzzHTTP": ["HTTP"],
    "FuzzCard": ["CardSimulator", "Cryptography", "Octets"],
    "FuzzPeople": ["Cards", "Identity"],
]
let isFuzzing = Context.environment["CITIZEN_FUZZ"] != nil
if isFuzzing {
    package.targets += fuzzers.sorted { $0.key < $1.key }.map { name, dependencies in
        .executableTarget(name: name, dependencies: dependencies, path: "Tests/Fuzz/\(name)")
    }
}

// One settings loop for every Swift target, tests too. System libraries and C sources have their own compiler.
for target in package.targets where target.type != .system && target.name != "CPicture" {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .treatAllWarnings(as: .error),
        .strictMemorySafety(),
    ]
}
if isFuzzing {
    // libFuzzer brings the main function.
    for target in package.targets where fuzzers[target.name] != nil {
        target.swiftSettings?.append(.unsafeFlags(["-parse-as-library"]))
    }
}
