import CommandLine
import Database
import Glibc
import Octets
import Office

/// 日志值守 Lets the sequencer turn while the service runs, and says whether it does.
final class LogKeeper: Sendable {
    private struct State {
        var turned: ContinuousClock.Instant?
        var fault: LogFault?
    }

    private let sequencer: Sequencer
    private let state = Lock(State())

    /// How long an entry waits at most before its turn begins.
    private static let pause: Duration = .milliseconds(100)
    /// Without a turn for so long the service is not ready: an act would leave evidence that nobody sequences.
    private static let patience: Duration = .seconds(10)

    init(_ sequencer: Sequencer) { self.sequencer = sequencer }

    /// The contradiction that stopped the log, if one did.
    var fault: LogFault? { state.with { $0.fault } }

    /// Whether the log takes entries.
    var isWell: Bool {
        state.with { $0.fault == nil && $0.turned.map { ContinuousClock.now - $0 < Self.patience } ?? false }
    }

    /// Turns until it is cancelled. A database that is away is waited for; a contradiction ends the process, because a
    /// service whose past has changed must not go on.
    func run() async {
        while !Task.isCancelled {
            var pause = Self.pause
            do {
                let count = try await sequencer.turn()
                state.with { $0.turned = .now }
                if count == Sequencer.batch { pause = .zero }
            } catch let fault as LogFault {
                state.with { $0.fault = fault }
                LogLines.write(#"{"level":"error","log":"\#(LogWords.text(fault).en)"}"#)
                kill(getpid(), SIGTERM)
                return
            } catch {
                LogLines.write(#"{"level":"warning","log":"the sequencer waits","cause":"\#(type(of: error))"}"#)
                pause = .seconds(1)
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// The last turns at the end of the service, so that nothing waits for the next start.
    func finish() async {
        guard fault == nil else { return }
        while let count = try? await sequencer.turn(), count > 0 {}
    }
}
