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

        // pure modules
        module("Octets", "CSystem"),
        module("Cryptography", "COpenSSL", "Octets"),
        module("Passwords", "CArgon2", "Octets"),
        module("Encodings", "Octets"),
        module("Tokens", "Octets", "Cryptography", "Encodings"),
        module("Certificates", "Octets", "Cryptography", "Encodings"),
        module("KeyHierarchy", "Octets", "Cryptography", "Encodings"),
        module("Cards"),
        module("Identity", "Octets"),
        module("Policies", "Encodings"),
        module("CardEngine", "Octets", "Cryptography", "Encodings"),

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
            "CardEngine",
            "Cards",
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
            "HTTP",
            "Office",
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
            "KeyHierarchy",
            "Policies",
            "Passwords",
            "Database",
            "HTTP",
            "CommandLine",
            "Office",
            "OfficeAPI",
            "OfficeWeb"
        ),
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
            "Readers",
            "ServiceClient",
            "CommandLine"
        ),

        // programs
        .executableTarget(name: "citizen-desk", dependencies: ["DeskCommands", "CommandLine"]),
        .executableTarget(name: "citizend", dependencies: ["ServiceCommands", "CommandLine"]),
        .executableTarget(
            name: "card-simulator",
            dependencies: ["CardSimulator", "CommandLine", "Octets", "Cryptography"]
        ),

        // tests
        .target(name: "TestSupport", dependencies: ["Octets", "Database"], path: "Tests/TestSupport"),
        tests("OctetsTests", "Octets"),
        tests("CryptographyTests", "Cryptography", "Octets", "Encodings"),
        tests("EncodingsTests", "Encodings", "Octets"),
        tests("TokensTests", "Tokens", "Cryptography", "Encodings", "Octets"),
        tests("CertificatesTests", "Certificates", "Cryptography", "Octets"),
        tests("KeyHierarchyTests", "KeyHierarchy", "Cryptography", "Encodings", "Octets"),
        tests("CardsTests", "Cards"),
        tests("IdentityTests", "Identity"),
        tests("CardEngineTests", "CardEngine", "CardSimulator", "Certificates", "Octets", "Cryptography", "Encodings"),
        tests("CardSimulatorTests", "CardSimulator", "CommandLine", "Octets", "Cryptography", "Encodings"),
        tests("DatabaseTests", "Database", "Octets"),
        tests(
            "OfficeTests",
            "Office",
            "Identity",
            "Cards",
            "Cryptography",
            "Database",
            "Encodings",
            "KeyHierarchy",
            "Octets",
            "Policies"
        ),
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
        tests("ServiceClientTests", "ServiceClient", "HTTP", "Octets"),
    ]
)

// One settings loop for every Swift target, tests too.
for target in package.targets where target.type != .system {
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
