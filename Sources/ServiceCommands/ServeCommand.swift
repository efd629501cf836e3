import Database
import KeyHierarchy
import CommandLine
import Dispatch
import Encodings
import FoundationEssentials
import Glibc
import HTTP
import Octets
import Office
import OfficeAPI
import OfficeWeb

/// `citizend serve`: the service itself, on its Unix sockets, until SIGTERM.
enum ServeCommand {
    static let command = ServiceProgram.Command(
        words: ["serve"],
        purpose: Text(zh: "运行服务", en: "run the service"),
        run: run
    )

    private static func run(_ arguments: [String], _ console: Console) async throws -> ExitCode {
        let usage = Usage(
            "citizend serve",
            command.purpose,
            options: [Option("group", .value("GROUP"), Text(zh: "套接字所属组", en: "group of the sockets, for the front"))]
        )
        let options = try console.options(arguments, usage)
        let settings = try ServiceSettings(environment: console.environment, folder: console.folder)
        // Nobody reads this process's memory from a core file, and a lost connection is an answer, not a signal.
        ProcessGuard.keepSecretsHome()
        let parts = try await Composition.open(settings, node: 1)
        guard try await ready(parts.office) else {
            throw CommandFault.refused(Text(zh: "尚无密钥: 先举行密钥仪式 root", en: "no keys yet: hold the ceremony root first"))
        }
        let sequencer = Sequencer(
            database: parts.office.database,
            identity: try parts.logIdentity(),
            copy: try parts.logCopy(),
            workers: WorkerThreads(count: 1, name: "log")
        )
        // Nothing is answered before the past is seen to be whole.
        try await sequencer.check()
        let keeper = LogKeeper(sequencer)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let workers = WorkerThreads(count: max(cores, 2), name: "work")
        let office = parts.office
        let drawing = try CardDrawing(
            folder: "\(settings.home)/fonts",
            printer: CardPrinter(queue: console.environment["CITIZEN_PRINTER"])
        ) {
            CivilTime(seconds: office.now.microseconds / 1_000_000)
        }
        let relay = RelayService(office: parts.office, workers: workers, lot: "L001", draw: drawing.draw)
        let metrics = Metrics()
        var routes = StaffRoutes.routes(parts.office, workers) + CardRoutes.routes(parts.office)
        routes += CardLifeRoutes.routes(parts.office) + PurseRoutes.routes(parts.office)
        routes += ResidentRoutes.routes(parts.office) + ConsoleRoutes.routes(parts.office, workers)
        routes += RelayRoutes.routes(parts.office, relay) + InterfaceRoutes.routes()
        routes += LogRoutes.routes(EvidenceLog(database: parts.office.database))
        routes += Health.routes(metrics: metrics, isAlive: { true }) {
            [
                Readiness("database", isReady: await isReachable(parts.office)), Readiness("keys", isReady: true),
                Readiness("evidence", isReady: keeper.isWell),
            ]
        }
        let server = try Server.start(
            Server.Settings(
                sockets: [
                    .public: settings.socket("public"), .desk: settings.socket("desk"),
                    .private: settings.socket("private"),
                ],
                socketGroup: options["group"]
            ),
            Router(routes, refusals: ConsoleRoutes.refusal),
            metrics: metrics,
            log: LogLines.write
        )
        try await parts.office.started()
        let keeping = Task { await keeper.run() }
        console.say(Text(zh: "服务已就绪", en: "ready"))
        await Signals.untilTerminated()
        await server.stop()
        keeping.cancel()
        await keeping.value
        await keeper.finish()
        await parts.office.database.close()
        if let fault = keeper.fault { throw fault }
        return .done
    }

    private static func ready(_ office: Office) async throws -> Bool {
        (try? office.keys.current("kek.pii")) != nil && (try? office.keys.current("evidence.log")) != nil
    }

    private static func isReachable(_ office: Office) async -> Bool {
        (try? await office.database.one("SELECT 1 AS one")) != nil
    }
}

/// Waits for SIGTERM or SIGINT.
enum Signals {
    static func untilTerminated() async {
        signal(SIGTERM, SIG_IGN)
        signal(SIGINT, SIG_IGN)
        let sources = [SIGTERM, SIGINT].map { DispatchSource.makeSignalSource(signal: $0, queue: .global()) }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let once = Lock(false)
            for source in sources {
                source.setEventHandler {
                    let isFirst = once.with { done in
                        defer { done = true }
                        return !done
                    }
                    if isFirst { continuation.resume() }
                }
                source.resume()
            }
        }
        withExtendedLifetime(sources) {}
    }
}

/// One line of JSON a request on standard error; the writer never waits for a reader.
enum LogLines {
    static let write: @Sendable (String) -> Void = { line in
        let octets = Array((line + "\n").utf8)
        _ = unsafe octets.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
