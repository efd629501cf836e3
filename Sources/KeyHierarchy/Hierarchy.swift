package import Encodings

/// 密钥体系 The classes of `Keys/hierarchy.json`: for each kind of key its purpose, algorithm, parent and custody.
package struct Hierarchy: Hashable, Sendable {
    /// Why the file was refused: the JSON pointer and what is wrong there.
    package struct Fault: Error, Hashable, Sendable {
        package let pointer: String
        package let reason: String
    }

    /// One class of keys.
    package struct KeyClass: Hashable, Sendable {
        /// Words divided by dots; a word in braces stands for one word of an instance.
        package let pattern: String
        package let level: Int
        package let parent: String?
        package let usages: Set<KeyUsage>
        package let algorithm: KeyAlgorithm
        package let custody: [Custody]
        package let activeDays: Int
        package let usableDays: Int
        package let approvalsNeeded: Int

        /// Where instances may live.
        package enum Custody: String, Hashable, Sendable { case pkcs11, sdf, file, wrapped }

        /// Whether a purpose is an instance of this class.
        package func covers(_ purpose: String) -> Bool {
            let own = pattern.split(separator: ".")
            let other = purpose.split(separator: ".", omittingEmptySubsequences: false)
            return own.count == other.count
                && zip(own, other).allSatisfy { $0 == $1 || $0.hasPrefix("{") && !$1.isEmpty }
        }
    }

    package let version: Int
    package let basis: String
    package let classes: [KeyClass]

    /// The class of a purpose; nil when the hierarchy knows none.
    package func keyClass(of purpose: String) -> KeyClass? { classes.first { $0.covers(purpose) } }

    /// Reads the file's JSON strictly: an unknown or missing member refuses it.
    package init(_ json: JSON) throws(Fault) {
        try Self.onlyMembers(json, ["version", "effectiveFrom", "basis", "classes"], at: "")
        guard let version = json["version"]?.integer else {
            throw Fault(pointer: "/version", reason: "a number is due")
        }
        guard let basis = json["basis"]?.string, !basis.isEmpty, json["effectiveFrom"]?.string != nil else {
            throw Fault(pointer: "/basis", reason: "basis and effectiveFrom are due")
        }
        guard let items = json["classes"]?.array, !items.isEmpty else {
            throw Fault(pointer: "/classes", reason: "a list of classes is due")
        }
        self.version = Int(version)
        self.basis = basis
        var classes: [KeyClass] = []
        for (index, item) in items.enumerated() { classes.append(try Self.keyClass(item, at: "/classes/\(index)")) }
        guard Set(classes.map(\.pattern)).count == classes.count else {
            throw Fault(pointer: "/classes", reason: "a class stands twice")
        }
        for (index, item) in classes.enumerated() {
            if let parent = item.parent, !classes.contains(where: { $0.pattern == parent && $0.level < item.level }) {
                throw Fault(pointer: "/classes/\(index)/parent", reason: "no class \(parent) above")
            }
        }
        self.classes = classes
    }

    private static func keyClass(_ json: JSON, at pointer: String) throws(Fault) -> KeyClass {
        try onlyMembers(
            json,
            [
                "id", "purpose", "level", "parent", "usage", "algorithm", "custody", "activeDays", "usableDays",
                "approvals",
            ],
            at: pointer
        )
        func wrong(_ member: String, _ reason: String) -> Fault {
            Fault(pointer: "\(pointer)/\(member)", reason: reason)
        }
        guard let pattern = json["id"]?.string, !pattern.isEmpty else { throw wrong("id", "a name is due") }
        guard json["purpose"]?.string?.isEmpty == false else { throw wrong("purpose", "words for people are due") }
        guard let level = json["level"]?.integer, (0...3).contains(level) else { throw wrong("level", "0 to 3 is due") }
        guard let usageNames = json["usage"]?.array, !usageNames.isEmpty else { throw wrong("usage", "a list is due") }
        let usages = usageNames.compactMap { $0.string.flatMap(KeyUsage.init(rawValue:)) }
        guard usages.count == usageNames.count, Set(usages).count == usages.count else {
            throw wrong("usage", "sign, mac, encrypt, decrypt, wrap, unwrap or derive, each once")
        }
        guard let algorithm = json["algorithm"]?.string.flatMap(KeyAlgorithm.init(rawValue:)) else {
            throw wrong("algorithm", KeyAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let custody = (json["custody"]?.array ?? []).compactMap { $0.string.flatMap(KeyClass.Custody.init(rawValue:)) }
        guard !custody.isEmpty, custody.count == json["custody"]?.array?.count else {
            throw wrong("custody", "pkcs11, sdf, file or wrapped")
        }
        guard let active = json["activeDays"]?.integer, let usable = json["usableDays"]?.integer, 0 < active,
            active <= usable
        else { throw wrong("activeDays", "0 < activeDays <= usableDays") }
        guard let approvals = json["approvals"]?.integer, approvals > 0 else { throw wrong("approvals", "1 or more") }
        return KeyClass(
            pattern: pattern,
            level: Int(level),
            parent: json["parent"]?.string,
            usages: Set(usages),
            algorithm: algorithm,
            custody: custody,
            activeDays: Int(active),
            usableDays: Int(usable),
            approvalsNeeded: Int(approvals)
        )
    }

    private static func onlyMembers(_ json: JSON, _ names: [String], at pointer: String) throws(Fault) {
        guard let members = json.members else { throw Fault(pointer: pointer, reason: "an object is due") }
        for member in members where !names.contains(member.name) {
            throw Fault(pointer: "\(pointer)/\(member.name)", reason: "unknown member")
        }
    }
}
