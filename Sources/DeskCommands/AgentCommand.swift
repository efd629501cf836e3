import CommandLine
import CardEngine
import Encodings
import Readers
import ServiceClient

/// `citizen-desk agent`: serves the console's card work on every reader of this desk until it is stopped.
enum AgentCommand {
    static let command = DeskProgram.Command(
        word: "agent",
        purpose: Text(zh: "窗口代理: 执行控制台的卡片任务", en: "serve the console's card work on all readers"),
        run: run
    )

    private static func run(_ arguments: [String], _ terminal: Terminal) async throws -> ExitCode {
        let usage = Usage("citizen-desk agent", command.purpose, options: [DeskProgram.deskOption])
        let options = try DeskProgram.options(arguments, usage, terminal)
        let folder = try DeskProgram.folder(options, terminal)
        let readers = try PCSCContext().readers()
        guard !readers.isEmpty else { throw CardChannelFault.noReader("") }
        let client = try folder.relayClient()
        let body: JSON = ["agentVersion": "1", "readers": .array(readers.map { .string($0) })]
        let hello = try await client.send(
            "POST",
            "/api/v1/perso/hello",
            fields: ["content-type": "application/json"],
            body: body.encoded
        )
        guard hello.isSuccess else {
            throw ServiceCall.Problem(status: hello.status, title: "HTTP \(hello.status)", detail: "hello")
        }
        terminal.say(
            Text(
                zh: "代理已就绪: \(folder.desk), \(readers.count) 个读卡器",
                en: "agent ready: \(folder.desk), \(readers.count) readers"
            )
        )
        await withTaskGroup(of: Void.self) { group in
            for reader in readers {
                group.addTask {
                    while !Task.isCancelled {
                        do {
                            let ending = try await DeskWork(folder, reader: reader, terminal, isQuiet: true).finish()
                            terminal.say("\(reader): \(ending)")
                        } catch {
                            try? await Task.sleep(for: .seconds(1))
                        }
                    }
                }
            }
        }
        return .done
    }
}
