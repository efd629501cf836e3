import CPostgres

/// What notices have told on one connection. Written by libpq's callback, on the thread that owns the connection.
final class NoticeBox {
    /// A wait for the synchronous standby was broken off: the row is committed here and perhaps nowhere else, while
    /// the server answers plain success.
    var sawBrokenWait = false

    /// Makes this box hear the connection's notices; it must live as long as the connection.
    func listen(to connection: OpaquePointer) {
        // The box is kept by the connection's owner, which outlives the connection.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue().hear(result)
            },
            context
        )
    }

    /// The source function does not depend on the server's language; the text is a second sign.
    private func hear(_ result: OpaquePointer?) {
        let function = unsafe Connection.field(result, .sourceFunction)
        let message = unsafe Connection.field(result, .primaryMessage) ?? ""
        guard function == "SyncRepWaitForLSN" || message.contains("synchronous replication") else { return }
        sawBrokenWait = true
    }
}
