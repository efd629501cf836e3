import FoundationEssentials

/// 运行设置 Where one installation keeps its things: `CITIZEN_HOME` and what hangs below it, unless named otherwise.
package struct ServiceSettings: Sendable {
    /// Why a setting was not taken.
    package struct Fault: Error, Hashable, Sendable {
        /// The variable.
        package let name: String
        /// What is due.
        package let reason: String
    }

    /// Which keeper of keys.
    package enum Custody: String, Sendable { case pkcs11, file }

    /// The data folder.
    package let home: String
    /// The folder with `Policies/` and `Keys/`.
    package let share: String
    /// Who keeps the keys.
    package let custody: Custody
    /// The PKCS #11 module.
    package let module: String
    /// What the program was started with.
    package let environment: [String: String]

    /// Reads the environment; relative paths are made absolute at the current folder.
    package init(environment: [String: String], folder: String) throws(Fault) {
        func path(_ name: String, _ otherwise: String) -> String {
            let value = environment[name].flatMap { $0.isEmpty ? nil : $0 } ?? otherwise
            return value.hasPrefix("/") ? value : "\(folder)/\(value)"
        }
        home = path("CITIZEN_HOME", ".citizen")
        share = path("CITIZEN_SHARE", folder)
        module = path("CITIZEN_PKCS11_MODULE", "/usr/lib/softhsm/libsofthsm2.so")
        let name = environment["CITIZEN_CUSTODY"].flatMap { $0.isEmpty ? nil : $0 } ?? Custody.pkcs11.rawValue
        guard let custody = Custody(rawValue: name) else {
            throw Fault(name: "CITIZEN_CUSTODY", reason: "pkcs11 or file")
        }
        self.custody = custody
        self.environment = environment
    }

    /// The connection string for a role of the database: `citizen` owns, `cz_app` serves.
    package func database(role: String) throws(Fault) -> String {
        if let whole = environment["CITIZEN_DATABASE"], !whole.isEmpty { return "\(whole) user=\(role)" }
        guard let data = FileManager.default.contents(atPath: "\(home)/database") else {
            throw Fault(name: "CITIZEN_DATABASE", reason: "no \(home)/database: is the stack started (make up)?")
        }
        let text = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return (text.filter { !$0.hasPrefix("user=") } + ["user=\(role)"]).joined(separator: " ")
    }

    /// A socket of the service.
    package func socket(_ name: String) -> String { "\(home)/run/\(name).sock" }
}
