import Encodings
import CommandLine
import FoundationEssentials
import KeyHierarchy
import Policies

/// `citizend check-policies`: reads every file of Policies/ and Keys/ as the service would.
enum CheckPoliciesCommand {
    static let command = ServiceProgram.Command(
        words: ["check-policies"],
        purpose: Text(zh: "检查规则与密钥定义", en: "check Policies/ and Keys/"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        _ = try console.options(arguments, Usage("citizend check-policies", command.purpose))
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        _ = try RolePolicy(Composition.policy("Policies/roles.json", settings))
        _ = try CityPolicy(Composition.policy("Policies/city.json", settings))
        let hierarchy = try Hierarchy(Composition.policy("Keys/hierarchy.json", settings).json)
        let ceremonies = try FileManager.default.contentsOfDirectory(atPath: "\(settings.share)/Keys/ceremonies")
        for name in ceremonies.sorted() where name.hasSuffix(".json") {
            let file = try Composition.policy("Keys/ceremonies/\(name)", settings)
            for item in file.json["makes"]?.array ?? [] {
                guard let purpose = item.string, hierarchy.keyClass(of: purpose) != nil else {
                    throw CommandFault.refused(
                        Text(
                            zh: "\(file.name): 体系中没有 \(item.text)",
                            en: "\(file.name): the hierarchy has no \(item.text)"
                        )
                    )
                }
            }
        }
        console.say(Text(zh: "规则与密钥定义均符合", en: "policies and key definitions are in order"))
        return .done
    }
}
