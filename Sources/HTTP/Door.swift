import CMicroHTTPD
import Glibc
import Octets

/// One entrance: its socket and the library's daemon on it. Used by the starting and the stopping task alone.
@safe final class Door: @unchecked Sendable {
    /// What the callbacks are given: it outlives the daemon.
    private final class Reception: Sendable {
        let service: Service
        let entrance: Entrance

        init(_ service: Service, _ entrance: Entrance) {
            self.service = service
            self.entrance = entrance
        }
    }

    // The daemon is stopped in `close`, and the reception lives as long as this object: longer.
    private let daemon: OpaquePointer
    private let reception: Reception
    private let listener: UnixListener

    /// Longer than the front keeps an idle connection (30 s), so that it is always the front who closes.
    private static let idleSeconds: UInt32 = 75
    /// More than the front lets pass: four header buffers of 8 KiB and a client certificate.
    private static let memory = 48 << 10

    init(_ service: Service, _ entrance: Entrance, path: String) throws(Server.Fault) {
        let listener = try UnixListener(path: path, group: service.settings.socketGroup)
        let reception = Reception(service, entrance)
        let threads = entrance == .private ? 1 : max(1, service.settings.threads)
        let daemon = unsafe cmhd_start(
            listener.descriptor,
            UInt32(threads),
            UInt32(max(threads, service.settings.connectionLimit)),
            Self.idleSeconds,
            Self.memory,
            { _, connection, _, method, version, part, partSize, slot in
                unsafe Door.access(connection, method, version, part, partSize, slot)
            },
            Unmanaged.passUnretained(reception).toOpaque(),
            { _, _, slot, _ in
                guard let reference = unsafe slot?.pointee else { return }
                unsafe slot?.pointee = nil
                unsafe Unmanaged<Exchange>.fromOpaque(reference).takeRetainedValue().completed()
            },
            { cls, target, _ in
                guard let cls = unsafe cls, let target = unsafe target else { return nil }
                let reception = unsafe Unmanaged<Reception>.fromOpaque(cls).takeUnretainedValue()
                let exchange = unsafe Exchange(reception.service, reception.entrance, target: String(cString: target))
                // Given back in the callback above, which the library calls for each of these.
                return unsafe Unmanaged.passRetained(exchange).toOpaque()
            }
        )
        guard let daemon = unsafe daemon else {
            listener.unlinkName()
            Glibc.close(listener.descriptor)
            throw .library(path: path)
        }
        unsafe self.daemon = daemon
        self.reception = reception
        self.listener = listener
    }

    /// Connections open at the moment.
    var connections: Int { unsafe Int(cmhd_connections(daemon)) }

    /// Takes no more connections and gives the name away; those that are open live on.
    func quiesce() {
        _ = unsafe MHD_quiesce_daemon(daemon)
        listener.unlinkName()
    }

    /// Closes every connection and joins the threads.
    func close() {
        listener.unlinkName()
        unsafe MHD_stop_daemon(daemon)
        Glibc.close(listener.descriptor)
        withExtendedLifetime(reception) {}
    }

    private static func access(
        _ connection: OpaquePointer?,
        _ method: UnsafePointer<CChar>?,
        _ version: UnsafePointer<CChar>?,
        _ part: UnsafePointer<CChar>?,
        _ partSize: UnsafeMutablePointer<Int>?,
        _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> MHD_Result {
        guard let connection = unsafe connection, let reference = unsafe slot?.pointee, let partSize = unsafe partSize,
            let method = unsafe method, let version = unsafe version
        else { return .NO }
        let exchange = unsafe Unmanaged<Exchange>.fromOpaque(reference).takeUnretainedValue()
        let octets = unsafe UnsafeRawBufferPointer(start: part, count: partSize.pointee)
        // All of a part is taken, always: what is over the limit is dropped by the exchange.
        unsafe partSize.pointee = 0
        let goesOn = unsafe exchange.access(
            ConnectionReference(connection),
            method: String(cString: method),
            version: String(cString: version),
            part: octets
        )
        return goesOn ? .YES : .NO
    }
}
