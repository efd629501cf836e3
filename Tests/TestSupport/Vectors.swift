package import Foundation

/// The public test vectors that lie outside the repository: `CITIZEN_VECTORS`, by default `../shared/vectors`.
package enum Vectors {
    /// A vector file that is there but is not what its name says.
    package enum Fault: Error { case shape(String) }

    /// The folder of all suites; nil when it is absent, so that a suite can be shown as skipped by name.
    package static var folder: URL? {
        let path = ProcessInfo.processInfo.environment["CITIZEN_VECTORS"] ?? "../shared/vectors"
        let url = URL(fileURLWithPath: path)
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }

    /// Whether a file of the suites is present.
    package static func has(_ path: String) -> Bool {
        folder.map { FileManager.default.fileExists(atPath: $0.appendingPathComponent(path).path) } ?? false
    }

    /// The cases of a file in the Wycheproof layout, each joined with the members of its group.
    ///
    /// Throws when the count in the file's head differs from the cases found: a present but empty suite fails.
    package static func cases(_ path: String) throws -> [Case] {
        guard let folder else { return [] }
        let data = try Data(contentsOf: folder.appendingPathComponent(path))
        guard let root = try JSONSerialization.jsonObject(with: data) as? [String: Any],
            let groups = root["testGroups"] as? [[String: Any]]
        else { throw Fault.shape(path) }
        var cases: [Case] = []
        for group in groups {
            guard let tests = group["tests"] as? [[String: Any]] else { throw Fault.shape(path) }
            let shared = group.filter { $0.key != "tests" }
            cases += tests.map { Case(members: shared.merging($0) { _, own in own }) }
        }
        guard let stated = root["numberOfTests"] as? Int, stated == cases.count, stated > 0 else {
            throw Fault.shape("\(path): \(cases.count) cases, head says otherwise")
        }
        return cases
    }

    /// One case: the members of the test over those of its group.
    package struct Case: @unchecked Sendable {
        // Foundation's JSON values are immutable once read.
        package let members: [String: Any]

        package var id: Int { members["tcId"] as? Int ?? -1 }
        package var comment: String { members["comment"] as? String ?? "" }
        package var flags: [String] { members["flags"] as? [String] ?? [] }
        package var result: String { members["result"] as? String ?? "" }

        package func text(_ name: String) -> String? { members[name] as? String }
        package func number(_ name: String) -> Int? { members[name] as? Int }

        /// A member in hexadecimal; an absent one is empty.
        package func octets(_ name: String) -> [UInt8] {
            guard let text = members[name] as? String else { return [] }
            let digits = Array(text.utf8)
            return stride(from: 0, to: digits.count - 1, by: 2).map { offset in
                UInt8(String(decoding: digits[offset...offset + 1], as: UTF8.self), radix: 16) ?? 0
            }
        }
    }
}
