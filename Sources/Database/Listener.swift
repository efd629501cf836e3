import CPostgres
import Glibc
import Octets

/// The thread behind one listened channel.
final class Listener: Sendable {
    private let settings: DatabaseSettings
    private let channel: String
    private let wake: WakePipe
    private let isStopped = Lock(false)

    init(_ settings: DatabaseSettings, channel: String, wake: WakePipe) {
        self.settings = settings
        self.channel = channel
        self.wake = wake
    }

    /// Ends the thread soon.
    func stop() {
        isStopped.with { $0 = true }
        wake.wake()
    }

    /// The thread's life: connect, listen, tell; after a loss once more, with a growing pause.
    func run(_ tell: (ChannelEvent) -> Void) {
        var pauseMilliseconds: Int32 = 50
        while !isStopped.with({ $0 }) {
            do throws(DatabaseFault) {
                let connection = try Connection(settings, wake: wake)
                try connection.simple("LISTEN \(channel)", .statement, deadline: .now + .seconds(5))
                pauseMilliseconds = 50
                tell(.listening)
                hear(connection, tell)
            } catch {
                pause(pauseMilliseconds)
                pauseMilliseconds = min(pauseMilliseconds * 2, 2_000)
            }
        }
    }

    /// Returns when the connection is lost or the listener stopped.
    private func hear(_ connection: Connection, _ tell: (ChannelEvent) -> Void) {
        let handle = unsafe connection.handle
        while !isStopped.with({ $0 }) {
            while let notice = unsafe PQnotifies(handle) {
                tell(.hint(unsafe notice.pointee.extra.map { unsafe String(cString: $0) } ?? ""))
                unsafe PQfreemem(notice)
            }
            var files = [
                pollfd(fd: unsafe PQsocket(handle), events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&files, 2, -1) >= 0 || errno == EINTR else { return }
            if files[1].revents != 0 { wake.drain() }
            guard files[0].revents != 0 else { continue }
            guard unsafe PQconsumeInput(handle) == 1, unsafe PQstatus(handle) == CONNECTION_OK else { return }
        }
    }

    /// A pause that `stop` ends.
    private func pause(_ milliseconds: Int32) {
        var file = pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&file, 1, milliseconds)
        wake.drain()
    }
}
