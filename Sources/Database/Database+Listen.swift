import Octets

extension Database {
    /// Listens to a channel on a connection and a thread of its own until the stream is dropped or the database closed.
    ///
    /// A lost connection is made anew, and `listening` is told again. Hints beyond 1,024 unread ones are dropped.
    package func listen(_ channel: StaticString) throws(DatabaseFault) -> AsyncStream<ChannelEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ChannelEvent.self,
            bufferingPolicy: .bufferingNewest(1_024)
        )
        let listener = Listener(settings, channel: channel.quotedIdentifier, wake: try WakePipe())
        listeners.with { $0.append(listener) }
        continuation.onTermination = { [weak self] _ in
            listener.stop()
            self?.listeners.with { $0.removeAll { $0 === listener } }
        }
        try SystemThread.start {
            listener.run { continuation.yield($0) }
            continuation.finish()
        }
        return stream
    }
}
