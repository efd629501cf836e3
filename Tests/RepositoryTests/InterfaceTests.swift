import Encodings
import Foundation
import Testing

@Suite("接口说明 routes and openapi.json")
struct InterfaceTests {
    /// One operation as both sides name it.
    private struct Operation: Hashable, Comparable, CustomStringConvertible {
        let method: String
        let path: String
        let name: String

        var description: String { "\(method) \(path) \(name)" }
        static func < (left: Operation, right: Operation) -> Bool { left.description < right.description }
    }

    private static let methods: Set<String> = ["get", "post", "put", "delete"]

    @Test
    func `the router and the description know the same operations`() throws {
        let routed = try routes()
        let described = try operations().map(\.operation)
        #expect(routed.count >= 15)
        #expect(Set(routed).count == routed.count && Set(described).count == described.count)
        let undescribed = Set(routed).subtracting(described).sorted()
        #expect(undescribed.isEmpty, "routes without a description: \(undescribed)")
        let unrouted = Set(described).subtracting(routed).sorted()
        #expect(unrouted.isEmpty, "descriptions without a route: \(unrouted)")
        #expect(Set(routed.map(\.name)).count == routed.count, "an operation's name stands twice")
    }

    @Test
    func `the documentation's copy is the file that is served`() throws {
        let served = try Data(
            contentsOf: Repository.root.appendingPathComponent("Sources/OfficeAPI/OpenAPI/openapi.json")
        )
        let shown = try Data(contentsOf: Repository.root.appendingPathComponent("Docs/api/openapi.json"))
        #expect(served == shown)
        #expect(try document()["openapi"]?.string == "3.1.0")
    }

    @Test
    func `every reference leads somewhere, and every part is used`() throws {
        let text = try Repository.file("Docs/api/openapi.json").text
        let references = Set(text.matches(of: /"#\/components\/([a-zA-Z]+)\/([A-Za-z]+)"/).map { "\($0.1)/\($0.2)" })
        #expect(references.count > 25)
        var parts: Set<String> = []
        for section in try document()["components"]?.members ?? [] where section.name != "securitySchemes" {
            for part in section.value.members ?? [] { parts.insert("\(section.name)/\(part.name)") }
        }
        #expect(references == parts, "\(references.symmetricDifference(parts).sorted())")
    }

    @Test
    func `every operation says who may call it and what a refusal looks like`() throws {
        for (operation, json) in try operations() {
            #expect(json["summary"]?.string?.isEmpty == false, "\(operation)")
            let schemes = try #require(json["security"]?.array, "\(operation) does not say who may")
            let names = schemes.flatMap { ($0.members ?? []).map(\.name) }
            let isOpen = [
                "signIn", "interface", "health", "readiness", "showCheckpoint", "showTile", "showReceipt",
            ].contains(operation.name)
            let due = isOpen ? [] : operation.path.contains("/perso/") ? ["mutualTLS"] : ["staff"]
            #expect(names == due, "\(operation)")
            let statuses = (json["responses"]?.members ?? []).map(\.name)
            #expect(statuses.contains { $0.hasPrefix("2") }, "\(operation)")
            #expect(isOpen || statuses.contains("401"), "\(operation)")
            if due == ["staff"], operation.name != "signOut" { #expect(statuses.contains("403"), "\(operation)") }
        }
    }

    @Test
    func `what a route keeps under a key is said to take one`() throws {
        let text = try Repository.files("Sources/OfficeAPI").map(\.text).joined(separator: "\n")
        var keyed: Set<String> = []
        for part in text.split(separator: "Route(") {
            guard part.contains("key: staff.key"), let name = part.firstMatch(of: /name: "([A-Za-z]+)"/) else {
                continue
            }
            keyed.insert(String(name.output.1))
        }
        #expect(keyed.count >= 3)
        for (operation, json) in try operations() {
            let takes = json["parameters"]?.array?.contains { $0["$ref"]?.string?.hasSuffix("IdempotencyKey") == true }
            #expect((takes ?? false) == keyed.contains(operation.name), "\(operation)")
        }
    }

    /// The routes as the sources name them: those of the private socket are not of the interface.
    private func routes() throws -> [Operation] {
        let files = try Repository.files("Sources/OfficeAPI") + [Repository.file("Sources/HTTP/Health.swift")]
        return files.flatMap { file in
            file.text.matches(of: /Route\(\s*\.([a-z]+),\s*"([^"]+)",\s*name: "([A-Za-z]+)"(, on: \[\.private\])?/)
                .filter { $0.output.4 == nil }
                .map { match in
                    // OpenAPI has no word for an open end of several segments.
                    let path = String(match.output.2).replacing("...}", with: "}")
                    return Operation(method: String(match.output.1), path: path, name: String(match.output.3))
                }
        }
    }

    private func operations() throws -> [(operation: Operation, json: JSON)] {
        (try document()["paths"]?.members ?? []).flatMap { path in
            (path.value.members ?? []).filter { Self.methods.contains($0.name) }.map { item in
                let name = item.value["operationId"]?.string ?? ""
                return (Operation(method: item.name, path: path.name, name: name), item.value)
            }
        }
    }

    private func document() throws -> JSON {
        try JSONReader.read(Array(Repository.file("Docs/api/openapi.json").text.utf8), sizeLimit: 1_048_576)
    }
}
