import CommandLine
import Database
import Encodings
import FoundationEssentials
import Octets
import Office
import Policies

/// `citizend terminal add`: a merchant's terminal and the file of its software PSAM, which holds the city's purchase key.
/// A key officer carries the file to the terminal; nobody else may read it.
enum TerminalCommand {
    static let command = ServiceProgram.Command(
        words: ["terminal", "add"],
        purpose: Text(zh: "登记消费终端", en: "register a terminal and write its PSAM file"),
        run: run
    )

    private static let usage = Usage(
        "citizend terminal add",
        command.purpose,
        options: [
            Option("merchant", .value("NAME"), Text(zh: "商户", en: "the merchant")),
            Option("out", .value("FILE"), Text(zh: "写入的终端文件", en: "terminal file to write")),
        ]
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let options = try console.options(arguments, usage)
        let merchant = try options.required("merchant")
        let out = try options.required("out")
        guard !FileManager.default.fileExists(atPath: out) else {
            throw CommandFault.refused(Text(zh: "\(out) 已存在", en: "\(out) exists"))
        }
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let parts = try await Composition.open(settings)
        let office = parts.office
        let terminal: String
        do throws(Refusal) {
            let caller = Caller.account(name: "console", role: "key-officer")
            terminal = try await office.perform(AddTerminal(merchant: merchant), by: caller).answer.terminal
        } catch { throw error }
        let key = try CardKeys(keys: office.keys, lot: "", city: office.city.code).cityPurchaseKey()
        let file: JSON = [
            "version": 1, "terminal": .string(terminal), "merchant": .string(merchant),
            "issuerCode": .string(office.city.code),
            "purchaseKey": .string(unsafe key.withUnsafeOctets { unsafe Hex.encode($0) }),
        ]
        await office.database.close()
        guard
            FileManager.default.createFile(
                atPath: out,
                contents: Data(file.encoded),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw CommandFault.refused(Text(zh: "无法写入 \(out)", en: "cannot write \(out)")) }
        console.say(Text(zh: "终端 \(terminal) 已登记: \(out)", en: "terminal \(terminal) registered: \(out)"))
        return .done
    }
}
