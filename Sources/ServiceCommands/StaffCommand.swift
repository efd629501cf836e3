import Database
import CommandLine
import Cryptography
import Encodings
import Octets
import Office
import Passwords

/// `citizend staff add`: a member of staff with a random password and TOTP secret, shown once.
enum StaffCommand {
    static let command = ServiceProgram.Command(
        words: ["staff", "add"],
        purpose: Text(zh: "增加员工", en: "add a member of staff"),
        run: run
    )

    private static let usage = Usage(
        "citizend staff add",
        command.purpose,
        options: [
            Option("user", .value("NAME"), Text(zh: "用户名", en: "user name")),
            Option("role", .value("ROLE"), Text(zh: "角色, 见 Policies/roles.json", en: "role of Policies/roles.json")),
            Option("hall", .value("HALL"), Text(zh: "服务大厅", en: "service hall")),
        ]
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let options = try console.options(arguments, usage)
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        let user = try options.required("user")
        let role = try options.required("role")
        let hall = try options.required("hall")
        let parts = try await Composition.open(settings)
        let random = SystemRandom()
        let password = Base64.encode(random.octets(15), .url)
        let timeSecret = random.octets(20)
        let verifier = try await WorkerThreads(count: 1, name: "password").run {
            try PasswordVerifier(SecretOctets(copying: password.utf8), salt: SystemRandom().octets(16)).text
        }
        let act = AddStaff(userName: user, role: role, hall: hall, verifier: verifier, timeSecret: timeSecret)
        do throws(Refusal) {
            _ = try await parts.office.perform(act, by: .account(name: "console", role: "system-admin"))
        } catch { throw error }
        await parts.office.database.close()
        let answer: JSON = [
            "user": .string(user), "role": .string(role), "hall": .string(hall), "password": .string(password),
            "totp_secret": .string(Base32.encode(timeSecret)),
        ]
        console.say(answer.text)
        return .done
    }
}
