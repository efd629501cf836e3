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
        module("Encodings", "Octets"),
        module("Tokens", "Octets", "Cryptography", "Encodings"),
        module("Certificates", "Octets", "Cryptography", "Encodings"),
        module("KeyHierarchy", "Octets", "Cryptography", "Encodings"),
        module("Cards", "Octets"),
        module("Identity", "Octets"),
        module("Population"),
        module("Policies", "Encodings"),
        module("CardEngine", "Octets", "Cryptography", "Encodings"),

        // edges
        module("Database", "CPostgres", "Octets", "Cryptography"),
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
            "Database",
            resources: [.embedInCode("Schema")]
        ),
        module("Readers", "CPCSC", "Octets", "CardEngine"),
        module("ServiceClient", "CCurl", "Octets"),
        module("CardSimulator", "Octets", "Cryptography", "Encodings"),
        module("CommandLine", "Octets"),
        module("ServiceCommands", "Office", "CommandLine", "Encodings", "Population"),

        // programs
        .executableTarget(name: "card-simulator", dependencies: ["CardSimulator", "CommandLine"]),
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
        tests("CardsTests", "Cards"),
        tests("IdentityTests", "Identity", "Population"),
        tests("CardEngineTests", "CardEngine", "CardSimulator", "Certificates", "Octets", "Cryptography", "Encodings"),
        tests("CardSimulatorTests", "CardSimulator", "CommandLine", "Octets", "Cryptography", "Encodings"),
        tests("DatabaseTests", "Database", "Octets"),
        tests(
            "OfficeTests",
            "Office",
            "ServiceCommands",
            "CommandLine",
            "Identity",
            "Population",
            "Cards",
            "Cryptography",
            "Database",
            "Encodings",
            "KeyHierarchy",
            "Octets",
            "Policies"
        ),
        tests("HTTPTests", "HTTP", "Octets"),
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
